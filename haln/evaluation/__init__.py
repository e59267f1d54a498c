"""How well a ranker ranks, on networks whose later ties are known: data sets, splits, baselines and figures. Pure."""
