"""What the figures of growth are. A version grows when its figure would come out otherwise for the same facts."""

from __future__ import annotations

from haln.measure.definitions import Measure, said

GROWTH: tuple[Measure, ...] = (
    Measure(
        "ties_changed",
        1,
        "ties",
        said("What changed"),
        said(
            "Each pair is looked at on both days. A pair that is connected only on the last day was made: with new"
            " members, where one of the two was not there on the first day, or else among people who were there"
            " already. A pair that was connected only on the first day was lost: with people who left, or it ended."
            " What began and ended in between is not seen."
        ),
        said("before + made with new members + made among members − lost with leavers − ended = after"),
        said("This network's own definition"),
        said("Connections changed by %(value)s."),
    ),
    Measure(
        "net_joins",
        1,
        "members",
        said("Net"),
        said(
            "How many more people joined than left. Who comes back has joined again. With a filter, whoever begins to"
            " count has joined, and whoever no longer counts has left."
        ),
        said("arrivals − departures"),
        said("This network's own definition"),
        said("%(value)s more people joined than left."),
        counts=True,
    ),
    Measure(
        "first_tie_days",
        1,
        "days",
        said("Days to the first connection"),
        said(
            "From the day on which somebody first joined to their first connection with a member; 0 for those who had"
            " one on that day. People who have none yet count for as long as they have waited, and so do those who left"
            " without one: they are never left out."
        ),
        said("the first day by which the Kaplan–Meier estimate of those still waiting is a half or less"),
        said("Kaplan and Meier (1958); interval of 95 per cent: Brookmeyer and Crowley (1982) with log(−log)"),
        said("Half of those who joined have their first connection within %(value)s days."),
    ),
    Measure(
        "activation_share",
        1,
        "share",
        said("Connected within 90 days"),
        said(
            "The share with a connection within 90 days of joining, of those who joined at least 90 days ago. Who"
            " joined later is not asked yet; who left before without a connection counts as having none."
        ),
        said("first connection within 90 days / joined at least 90 days before the day"),
        said("This network's own definition"),
        said("%(value)s of those who joined at least 90 days ago had a connection within 90 days."),
    ),
    Measure(
        "staying_share",
        1,
        "share",
        said("Still there"),
        said(
            "The share of those who joined who are still there after so many days, estimated so that people who joined"
            " later count for as long as they could be followed. Each counts once, until they first leave. A quarter"
            " of joining has no figure where nobody in it was followed that long."
        ),
        said("Kaplan–Meier estimate of staying, by the quarter of joining"),
        said("Kaplan and Meier (1958); interval of 95 per cent: Greenwood (1926) with log(−log)"),
        said("%(value)s of those who joined are still there a year later."),
    ),
    Measure(
        "returning_share",
        1,
        "share",
        said("Came back"),
        said("The share of those who ever left by the day who were there again by then."),
        said("joined again / ever left"),
        said("This network's own definition"),
        said("%(value)s of those who left came back."),
    ),
)

ACTIVITIES: tuple[Measure, ...] = (
    Measure(
        "attributed_ties",
        2,
        "number",
        said("What made new connections"),
        said(
            "Each pair that is connected on the last day and was not on the first is given to what can have made the"
            " connection. An introduction can, where both accepted it and the connection came from it, unless they said"
            " that they knew each other already. A learning set can, where both sat in it at the same time before the"
            " connection began or on that day, and it began no later than 180 days after they last did, or they say"
            " that it rests on a learning set. A coffee round can, where they were paired in it and connected by saying"
            " that they met. So can what the two say that it rests on: they knew each other, met,"
            " went to the same event, worked together, were introduced or sat in a set, also where no introduction or"
            " set is recorded. So can an event at which both were on that day or within 180 days before, unless they"
            " knew each other already. Where several can have made it, it is shared out: each counts 1, and an event at"
            " which n members were 1 / (n − 1), so that a large one weighs next to nothing; where the two say that it"
            " rests on an event, the events at which both were count 1 together. What began before the first day and"
            " counts only now, because somebody came back or began to count, no activity made."
        ),
        said("for each connection what an activity counts / what all that can have made it count, added up"),
        said("This network's own definition; the weight of events as in Newman 2001"),
        said("%(value)s connections are new."),
    ),
    Measure(
        "ties_per_session",
        1,
        "number",
        said("New connections for each session"),
        said(
            "What learning sets made of the new connections, for each session that a set held in these days. A session"
            " counts as held once somebody has written down who came. Sessions count whoever was there, also with a"
            " filter. As known on an earlier day, a session that was moved or entered later, and who came to it, is"
            " told as it was known by then."
        ),
        said("connections that sets made / sessions held"),
        said("This network's own definition"),
        said("For each session, learning sets made %(value)s new connections."),
    ),
    Measure(
        "across_share",
        1,
        "share",
        said("Across sectors"),
        said(
            "The share of new connections that join two sectors, of those whose sectors are known, each counted with"
            " the part that the activity has in it."
        ),
        said("parts across sectors / parts with both sectors known"),
        said("This network's own definition"),
        said("%(value)s of new connections join two sectors."),
    ),
    Measure(
        "accepted_share",
        1,
        "share",
        said("Introductions accepted by both"),
        said(
            "Introductions offered in the period, and how many of them both had accepted by its end. People who said"
            " that they know each other already were not introduced. Introductions of the last two weeks may yet be"
            " accepted. What was not accepted is never told apart: a no is private."
        ),
        said("accepted by both / offered"),
        said("This network's own definition"),
        said("%(value)s of introductions were accepted by both."),
    ),
    Measure(
        "acceptance_days",
        1,
        "days",
        said("Days to acceptance"),
        said("Of the introductions that were accepted, the days from the offer by which half of them were."),
        said("the median of days from the offer until both had accepted"),
        said("Interval of 95 per cent: Brookmeyer and Crowley (1982)"),
        said("Half of those accepted were so within %(value)s days."),
    ),
    Measure(
        "met",
        2,
        "number",
        said("Introductions that led to a meeting"),
        said(
            "Introductions of the whole network of which either of the two says that they met, that it was useful, and"
            " half a year after the second yes that they are still in touch, from the day on which they first say so."
            " Who takes it back counts no more from that day. Many do not answer, so there may be more. Answers wait"
            " until enough further people have answered, and those of today until tomorrow."
        ),
        said("introductions of which at least one of the two says so, in stages"),
        said("This network's own definition"),
        said("%(value)s introductions led to a meeting."),
    ),
    Measure(
        "used_share",
        1,
        "share",
        said("Suggestions used"),
        said(
            "Suggestions that came into somebody's list in the period, and how many of them an introduction was asked"
            " through by its end. The same two people again, after the suggestion had left the list, are another one."
            " The leading reason is the one that is shown first."
        ),
        said("suggestions through which an introduction was asked / suggestions listed"),
        said("This network's own definition"),
        said("%(value)s of suggestions were used."),
    ),
    Measure(
        "listed_share",
        1,
        "share",
        said("Ever suggested"),
        said("The share of those who are members on the last day who were ever in somebody else's list by then."),
        said("members ever listed for others / members"),
        said("This network's own definition"),
        said("%(value)s of members were ever suggested to somebody."),
    ),
    Measure(
        "listed_gini",
        1,
        "index",
        said("Unevenness of being suggested"),
        said(
            "How unevenly being suggested is shared out among those who are members on the last day, in the period: 0"
            " where all were as often, towards 1 where one person was always."
        ),
        said("the Gini coefficient of how often each was listed"),
        said("Gini (1912), in the form of Glasser (1962)"),
        said("The Gini coefficient of being suggested is %(value)s."),
    ),
)

BY_KEY = {one.key: one for one in (*GROWTH, *ACTIVITIES)}
