"""What a demonstration's topics are called and say, by theme, and what is said to them."""

from __future__ import annotations

TOPICS: dict[str, tuple[tuple[str, str], ...]] = {
    "quality-work": (
        ("Apprenticeships for care leavers", "Paid apprenticeships in our own houses for young people who leave care."),
        ("One application form for all anchors", "Whoever applies to one of us applies to all of us, once."),
        ("Night buses for early shifts", "People turn jobs down because no bus runs at five in the morning."),
    ),
    "local-purchasing": (
        ("Small orders that small firms can win", "Splitting contracts so that a baker or a joiner can bid for one."),
        ("A shared list of local suppliers", "We each keep a list, and none of us sees the others'."),
    ),
    "buildings-spaces": (
        ("Empty rooms after six", "Meeting rooms stand empty every evening while groups pay for church halls."),
        ("Waiting rooms people would choose", "What would it take to make one that nobody minds waiting in?"),
    ),
    "environment": (
        ("Repair instead of replace", "Chairs, beds, laptops: who mends them, and could we share a workshop?"),
        ("Food waste in canteens", "What we throw away, what it costs, and what worked to make it less."),
    ),
    "local-partnership": (
        ("Anchors of coastal towns", "We have the same troubles, and are far from each other and from everybody."),
        ("A charter that is more than paper", "What did your charter change, and what did nobody look at again?"),
    ),
    "listening": (
        ("Paying people for their advice", "Vouchers, wages, benefits: how do you pay residents without harm?"),
        ("Community researchers", "Training neighbours to ask the questions, and what comes of the answers."),
    ),
    "leadership": (
        ("Finance directors who say yes", "Which sentence convinced yours? Let us collect them."),
        ("Being the only one", "For those whose job title has the word anchor in it and nobody beside them."),
    ),
    "measuring-impact": (
        ("Five figures that we all count", "The same five in every house, so that a region can add them up."),
        ("Stories that funders read", "Two pages, one person, one number. Swap yours for mine."),
    ),
    "housing": (
        ("Warm homes on prescription", "Surgeries that prescribe insulation: who pays, and who picks it up?"),
        (
            "Homes for people who work nights",
            "Key workers who live an hour away because nothing nearer is let to them.",
        ),
    ),
    "young-people": (
        (
            "Work experience for whole classes",
            "Not for those whose parents know somebody, but for everybody in a year.",
        ),
        ("School governors from our staff", "Giving people the hours, and what schools say it is worth."),
    ),
    "food": (
        ("Hospital food from near by", "Growers within thirty miles, a kitchen of our own, and the contract between."),
        ("A growing scheme on every site", "Beds by the car park, who waters them, and who eats what grows."),
    ),
    "private-anchors": (
        ("What businesses get out of it", "How do you explain to a board with shareholders why it is an anchor?"),
        ("Football clubs on matchless days", "Two hundred days a year a stadium stands empty in the middle of a town."),
    ),
}
"""Title and first sentence of each topic."""

MORE = (
    "We have tried parts of it and would like to hear from others who have.\n\n"
    "**What I would bring:** two years of notes, and a colleague who knows the figures.\n\n"
    "- What has worked where you are?\n- Who would have to say yes?"
)

COMMENTS = (
    "We did this last year. It took twice as long as we thought, and it holds.",
    "Who else is in the North? A call of half an hour would do for a beginning.",
    "Our estates team says no. I would like to know what yours says.",
    "There is a paper on this from the university here. I can bring it.",
    "We began with one ward and one week. **Small is fine.**",
    "Has anybody asked the people it is meant for?",
    "I back this. We have the room, and nobody to run it.",
    "It failed with us, and I would be glad to say why.",
)

ANSWERS = (
    "Thank you for this. It fits what several of you ask for, and we look for a day in spring.",
    "We have talked about it among the facilitators. One of us would hold a cohort on it when enough of you back it.",
    "Good idea. There is a case study on it in the resources already: look there first, and say what it lacks.",
)

RETIRED = (
    "Another topic says the same with more behind it.",
    "It is taken care of: there is a page for it now.",
)

AGAIN = "More about: {}"
"""What a topic is called that says what another says already."""
