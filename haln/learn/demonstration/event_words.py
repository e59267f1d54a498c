"""What a demonstration's events are called, by theme."""

from __future__ import annotations

WEBINARS: dict[str, tuple[tuple[str, str], ...]] = {
    "quality-work": (
        (
            "Good jobs close to home",
            "Three employers on what changed when they looked for staff on their own doorstep.",
        ),
        ("Ways in for those furthest from work", "What pre-employment programmes do well, and where people drop out."),
    ),
    "local-purchasing": (
        ("Spending more of it locally", "How two buying teams moved a tenth of their spend, and what it took."),
        ("Social value that somebody checks", "From a line in a tender to something that happens in a street."),
    ),
    "buildings-spaces": (
        ("Health on the high street", "What happens to a town centre when a clinic moves into it."),
        ("Land that the community gains from", "Estates teams on sharing what they own."),
    ),
    "environment": (
        ("Net zero that people notice", "Cutting carbon in ways that warm homes and clear the air."),
        ("A greener fleet, and who pays", "What it costs, what it saves, and in whose budget."),
    ),
    "local-partnership": (
        ("A charter is signed: what now?", "Anchor networks of three cities on their second year."),
        ("One place, many anchors", "Who does what when everybody wants to help."),
    ),
    "listening": (
        ("Sharing power, not only a survey", "Community researchers on what they were asked, and what came of it."),
        ("Who is not in the room?", "Hearing from people whom meetings do not reach."),
    ),
    "leadership": (
        ("Winning the board over", "Finance directors on the case that convinced them."),
        ("The first hundred days", "Where to begin when nobody has the word anchor in their job title."),
    ),
    "measuring-impact": (
        ("Does it make a difference?", "Five indicators that people keep using, and ten that they gave up."),
        ("Stories and numbers", "How to tell a funder both in two pages."),
    ),
    "housing": (
        ("Warm, dry and affordable", "Landlords and hospitals on damp, discharge and the winter."),
        ("Homes for those who care for us", "Key worker homes on land that was a car park."),
    ),
    "young-people": (
        ("Careers they had not heard of", "Bringing schools into hospitals, councils and building sites."),
        ("Apprentices who stay", "What the second year decides."),
    ),
    "food": (
        ("Good food in public canteens", "Menus, contracts and growers."),
        ("Nobody goes hungry on our ward", "What anchors can do about food in the week before payday."),
    ),
    "private-anchors": (
        ("What business brings", "Employers who chose to be anchors, and why."),
        ("Airports, football clubs and utilities", "Large, rooted, and new to the word."),
    ),
}

WORKSHOPS: tuple[tuple[str, str], ...] = (
    (
        "Workshop: {theme}, from plan to practice",
        "Bring one thing that is stuck. Work on it with others for two hours.",
    ),
    ("Action hour: {theme}", "A small group, one question each, and something to try by next month."),
    ("Peer clinic: {theme}", "Two cases from the network, and what those round the table would do."),
)

HALLS = (
    ("Central Library", "Leeds"),
    ("Civic Centre", "Preston"),
    ("Old Market Hall", "Cardiff"),
    ("Guildhall", "Derby"),
)
"""Where workshops are held that are not online, and in which place."""

OTHERWISE = (("What we have learnt about {theme}", "Members tell what they tried, and what came of it."),)

DESCRIPTION = """We begin on time and end on time.

- **{first} minutes** of stories from members
- **a round** in small groups on what you would do in your place
- **what you will try** before we meet again

Nothing to prepare. If you cannot come, give your place up so that somebody else has it."""

PROPOSAL = (
    "Could we talk about {theme} with people outside the NHS?",
    "I would like to hear how others began, and can say what we learnt the hard way.",
)
