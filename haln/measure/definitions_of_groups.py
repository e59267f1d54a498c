"""What figures of groups are: sectors and regions, core and periphery, who is in between, communities."""

from __future__ import annotations

from haln.measure.definition import Measure, said

GROUPS: tuple[Measure, ...] = (
    Measure(
        "cross_sector_share",
        2,
        "share",
        said("Connections across sectors"),
        said("The share of connections whose two people work in different sectors, of those whose sectors are known."),
        said("connections between sectors / connections with both sectors known"),
        said("Krackhardt and Stern (1988)"),
        said("%(value)s of connections join two sectors."),
        undefined=said(
            "It is not defined without a connection of which both sectors are known, nor of one sector alone."
        ),
    ),
    Measure(
        "sector_ei",
        2,
        "index",
        said("E-I index of sectors"),
        said("From −1, where all connections stay within a sector, to +1, where all go out of it."),
        said("(external − internal) / (external + internal)"),
        said("Krackhardt and Stern (1988)"),
        said("The E-I index of sectors is %(value)s."),
        undefined=said(
            "It is not defined without a connection of which both sectors are known, nor of one sector alone."
        ),
    ),
    Measure(
        "sector_ei_chance",
        2,
        "index",
        said("E-I index of sectors by chance"),
        said(
            "What the E-I index of sectors would be if chance alone chose who is connected with whom, everybody "
            "keeping as many connections as they have. The E-I index says something where it lies outside of this."
        ),
        said("mean and quantiles (0.025, 0.975) of 200 random graphs of the same degrees (fewer if large), seed 1"),
        said("Fosdick, Larremore, Nishimura and Ugander (2018)"),
        said("By chance alone, the E-I index of sectors would be about %(value)s."),
        undefined=said(
            "It is not defined without a connection of which both sectors are known, nor of one sector alone."
        ),
    ),
    Measure(
        "sector_assortativity",
        2,
        "index",
        said("Assortativity of sectors"),
        said("0 where sectors connect as often as by chance, to 1 where no connection leaves a sector."),
        said("(share within − share expected within) / (1 − share expected within)"),
        said("Newman (2003), equation 2"),
        said("The assortativity of sectors is %(value)s."),
        undefined=said("It is not defined where connections are of one sector alone, or of none that is known."),
    ),
    Measure(
        "cross_region_share",
        2,
        "share",
        said("Connections across regions"),
        said("The share of connections whose two people are in different nations or regions, where both are known."),
        said("connections between regions / connections with both regions known"),
        said("Krackhardt and Stern (1988)"),
        said("%(value)s of connections join two nations or regions."),
        undefined=said(
            "It is not defined without a connection of which both regions are known, nor of one region alone."
        ),
    ),
    Measure(
        "region_ei",
        2,
        "index",
        said("E-I index of regions"),
        said("From −1, where all connections stay within a nation or region, to +1, where all go out of it."),
        said("(external − internal) / (external + internal)"),
        said("Krackhardt and Stern (1988)"),
        said("The E-I index of nations and regions is %(value)s."),
        undefined=said(
            "It is not defined without a connection of which both regions are known, nor of one region alone."
        ),
    ),
    Measure(
        "region_ei_chance",
        2,
        "index",
        said("E-I index of regions by chance"),
        said(
            "What the E-I index of regions would be if chance alone chose who is connected with whom, everybody "
            "keeping as many connections as they have. The E-I index says something where it lies outside of this."
        ),
        said("mean and quantiles (0.025, 0.975) of 200 random graphs of the same degrees (fewer if large), seed 1"),
        said("Fosdick, Larremore, Nishimura and Ugander (2018)"),
        said("By chance alone, the E-I index of nations and regions would be about %(value)s."),
        undefined=said(
            "It is not defined without a connection of which both regions are known, nor of one region alone."
        ),
    ),
    Measure(
        "region_assortativity",
        2,
        "index",
        said("Assortativity of regions"),
        said("0 where regions connect as often as by chance, to 1 where no connection leaves a region."),
        said("(share within − share expected within) / (1 − share expected within)"),
        said("Newman (2003), equation 2"),
        said("The assortativity of nations and regions is %(value)s."),
        undefined=said("It is not defined where connections are of one region alone, or of none that is known."),
    ),
    Measure(
        "core_largest",
        3,
        "ties",
        said("Deepest core"),
        said("The largest number for which some members each have that many connections among themselves."),
        said("largest core number"),
        said("Seidman (1983)"),
        said("In the innermost group, everybody has at least %(value)s connections within it."),
        reads_one=said("In the innermost group, everybody has at least %(value)s connection within it."),
        undefined=said("It is not defined without connections."),
    ),
    Measure(
        "core_fit",
        2,
        "index",
        said("Core and periphery"),
        said(
            "How well the network falls into a core of people who all know each other and a periphery of people who do "
            "not: 1 where it does so wholly, about 0 where it does not."
        ),
        said("correlation of connections with the pattern, leaving out pairs between core and periphery"),
        said("Borgatti and Everett (1999), cut as Lip (2011) has it"),
        said("The network fits a core and a periphery with a correlation of %(value)s."),
        undefined=said("It is not defined where no connection, or no missing one, could tell a core from a periphery."),
    ),
    Measure(
        "cut_members",
        1,
        "members",
        said("People who hold parts together"),
        said("Members without whom some could no longer reach each other. Only their number is told."),
        said("articulation points"),
        said("Hopcroft and Tarjan (1973)"),
        said("%(value)s people hold parts of the network together that would fall apart without them."),
        counts=True,
        reads_one=said("%(value)s person holds parts of the network together that would fall apart without them."),
    ),
    Measure(
        "betweenness_centralisation",
        2,
        "index",
        said("How much hangs on one person"),
        said(
            "How far the one person through whom most shortest ways run stands out: 0 where ways run through all "
            "alike, 1 where all of them run through one. For staff alone: it is in no file to be published."
        ),
        said(
            "sum of differences between the highest betweenness and each member's / the most it can be; of more than "
            "2,000 members, from 256 of them (fewer of more than 25,000) drawn with seed 1, with its interval"
        ),
        said("Freeman (1978)"),
        said("The betweenness centralisation is %(value)s."),
        published=False,
        undefined=said("It is not defined of fewer than three members: nobody is between two others."),
    ),
    Measure(
        "communities",
        1,
        "communities",
        said("Communities"),
        said("Groups of two or more members who are connected among themselves more than by chance."),
        said("groups of the largest modularity in ten runs of the Leiden method, seed 1"),
        said("Traag, Waltman and van Eck (2019)"),
        said("Members form %(value)s communities."),
        reads_one=said("Members form %(value)s community."),
    ),
    Measure(
        "modularity",
        2,
        "index",
        said("How separate communities are"),
        said("0 where communities have no more connections within them than by chance, towards 1 where they have all."),
        said("share of connections within communities − share expected by chance (modularity)"),
        said("Newman and Girvan (2004)"),
        said("The communities have a modularity of %(value)s."),
        undefined=said("It is not defined without connections."),
    ),
    Measure(
        "community_stability",
        2,
        "index",
        said("How certain communities are"),
        said("How alike communities are that are found from different beginnings: 1 the same, about 0 as by chance."),
        said("mean adjusted Rand index of all pairs of ten runs"),
        said("Hubert and Arabie (1985)"),
        said("Communities that are found twice agree with an index of %(value)s."),
        undefined=said("It is not defined without connections."),
    ),
    Measure(
        "small_world",
        3,
        "number",
        said("Small world"),
        said(
            "How much more people's acquaintances know each other than by chance, for the steps that lie between them. "
            "Clearly above 1, a network is a small world: close circles, and short ways between them."
        ),
        said("(clustering / by chance) / (steps / by chance), over 20 random graphs of the same degrees, seed 1"),
        said("Humphries and Gurney (2008)"),
        said("The small-world ratio is %(value)s."),
        undefined=said("It is not defined where chance would close no triangle, or nobody is connected."),
    ),
)
