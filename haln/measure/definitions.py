"""What each figure is: its name, unit and version, how it is worked out, where the definition is from, and a sentence.

A figure's version grows when it would come out otherwise for the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["members", "organisations", "ties", "share", "number", "index", "days", "steps", "communities"]


def said(sentence: str) -> str:
    """Mark a sentence to be translated."""
    return sentence


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure's definition. `reads` says a value aloud as %(value)s; `counts`: it is a number of people.

    What is not `published` is on the pages of staff and in exact files alone.
    """

    key: str
    version: int
    unit: Unit
    title: str
    means: str
    formula: str
    source: str
    reads: str
    counts: bool = False
    published: bool = True


MEASURES: tuple[Measure, ...] = (
    Measure(
        "members",
        1,
        "members",
        said("Members"),
        said("People who have joined and have not left. Who was invited and has not accepted does not count."),
        said("members there at the end of the day"),
        said("This network's own definition"),
        said("%(value)s people are members."),
        counts=True,
    ),
    Measure(
        "organisations",
        1,
        "organisations",
        said("Organisations"),
        said("Organisations in which at least one member works."),
        said("different organisations of members"),
        said("This network's own definition"),
        said("Members work in %(value)s organisations."),
    ),
    Measure(
        "joins",
        1,
        "members",
        said("Joined in a year"),
        said("How often somebody became a member in the year up to the day. Who comes back has joined again."),
        said("arrivals within 365 days"),
        said("This network's own definition"),
        said("In the year before, people joined %(value)s times."),
        counts=True,
    ),
    Measure(
        "leavers",
        1,
        "members",
        said("Left in a year"),
        said("How often somebody stopped being a member in the year up to the day."),
        said("departures within 365 days"),
        said("This network's own definition"),
        said("In the year before, people left %(value)s times."),
        counts=True,
    ),
    Measure(
        "ties",
        1,
        "ties",
        said("Connections"),
        said("Pairs of members with a connection that holds on the day, each pair once."),
        said("pairs tied at the end of the day"),
        said("This network's own definition"),
        said("Members hold %(value)s connections with each other."),
    ),
    Measure(
        "degree_mean",
        1,
        "number",
        said("Connections per member"),
        said("How many connections a member has on average. Each connection counts for both of its people."),
        said("2 × connections / members"),
        said("Mean degree (Wasserman and Faust 1994)"),
        said("A member has %(value)s connections on average."),
    ),
    Measure(
        "connected_share",
        1,
        "share",
        said("Members with a connection"),
        said("The share of members who have at least one connection."),
        said("1 − isolates / members"),
        said("Isolates (Wasserman and Faust 1994)"),
        said("%(value)s of members have at least one connection."),
    ),
    Measure(
        "giant_share",
        1,
        "share",
        said("In the largest connected part"),
        said("The share of members who can reach each other over connections, in the largest such part."),
        said("members of the largest component / members"),
        said("Giant component (Newman 2010)"),
        said("%(value)s of members can reach each other over connections."),
    ),
    Measure(
        "degree_gini",
        1,
        "index",
        said("How unevenly connections are shared"),
        said("0 where all members have as many connections, towards 1 where few have nearly all."),
        said("Gini coefficient of members' numbers of connections"),
        said("Gini (1912), in the form of Glasser (1962)"),
        said("Connections are shared out with a Gini coefficient of %(value)s."),
    ),
    Measure(
        "distance_mean",
        2,
        "steps",
        said("Steps between members"),
        said("How many connections lie on the shortest path between two members of the largest part, on average."),
        said(
            "mean of all shortest paths within the largest component; "
            "of more than 5,000 members, of those from 1,024 drawn with seed 1, with its interval"
        ),
        said("Watts and Strogatz (1998)"),
        said("Two members of the largest part are %(value)s steps apart on average."),
    ),
    Measure(
        "diameter",
        2,
        "steps",
        said("Longest way"),
        said("The largest number of steps that any two members of the largest part are apart."),
        said(
            "longest shortest path within the largest component; "
            "of more than 5,000 members, of those from 1,024 drawn with seed 1, which is the least it can be"
        ),
        said("Wasserman and Faust (1994)"),
        said("Nobody in the largest part is further than %(value)s steps from anybody else there."),
    ),
    Measure(
        "clustering",
        1,
        "index",
        said("Friends of friends"),
        said("How often two people whom a member knows know each other, averaged over members."),
        said("mean of each member's share of tied pairs among those tied to them; 0 for fewer than two"),
        said("Watts and Strogatz (1998)"),
        said("On average, a share of %(value)s of the pairs of people whom a member knows know each other."),
    ),
    Measure(
        "transitivity",
        1,
        "index",
        said("Closed triangles"),
        said("Of all chains of three people, the share whose ends know each other, too."),
        said("3 × triangles / chains of three"),
        said("Newman, Watts and Strogatz (2002)"),
        said("A share of %(value)s of all chains of three people is closed."),
    ),
    Measure(
        "density",
        1,
        "index",
        said("Density"),
        said("The share of all pairs who are connected. It falls as a network grows: counts and distances say more."),
        said("2 × connections / (members × (members − 1))"),
        said("Wasserman and Faust (1994)"),
        said("A share of %(value)s of all pairs of members is connected. This falls as a network grows."),
    ),
    Measure(
        "cross_sector_share",
        1,
        "share",
        said("Connections across sectors"),
        said("The share of connections whose two people work in different sectors, of those whose sectors are known."),
        said("connections between sectors / connections with both sectors known"),
        said("Krackhardt and Stern (1988)"),
        said("%(value)s of connections join two sectors."),
    ),
    Measure(
        "sector_ei",
        1,
        "index",
        said("E-I index of sectors"),
        said("From −1, where all connections stay within a sector, to +1, where all go out of it."),
        said("(external − internal) / (external + internal)"),
        said("Krackhardt and Stern (1988)"),
        said("The E-I index of sectors is %(value)s."),
    ),
    Measure(
        "sector_ei_chance",
        1,
        "index",
        said("E-I index of sectors by chance"),
        said(
            "What the E-I index of sectors would be if chance alone chose who is connected with whom, everybody "
            "keeping as many connections as they have. The E-I index says something where it lies outside of this."
        ),
        said("mean and quantiles (0.025, 0.975) of 200 random graphs of the same degrees (fewer if large), seed 1"),
        said("Fosdick, Larremore, Nishimura and Ugander (2018)"),
        said("By chance alone, the E-I index of sectors would be about %(value)s."),
    ),
    Measure(
        "sector_assortativity",
        1,
        "index",
        said("Assortativity of sectors"),
        said("0 where sectors connect as often as by chance, to 1 where no connection leaves a sector."),
        said("(share within − share expected within) / (1 − share expected within)"),
        said("Newman (2003), equation 2"),
        said("The assortativity of sectors is %(value)s."),
    ),
    Measure(
        "cross_region_share",
        1,
        "share",
        said("Connections across regions"),
        said("The share of connections whose two people are in different nations or regions, where both are known."),
        said("connections between regions / connections with both regions known"),
        said("Krackhardt and Stern (1988)"),
        said("%(value)s of connections join two nations or regions."),
    ),
    Measure(
        "region_ei",
        1,
        "index",
        said("E-I index of regions"),
        said("From −1, where all connections stay within a nation or region, to +1, where all go out of it."),
        said("(external − internal) / (external + internal)"),
        said("Krackhardt and Stern (1988)"),
        said("The E-I index of nations and regions is %(value)s."),
    ),
    Measure(
        "region_ei_chance",
        1,
        "index",
        said("E-I index of regions by chance"),
        said(
            "What the E-I index of regions would be if chance alone chose who is connected with whom, everybody "
            "keeping as many connections as they have. The E-I index says something where it lies outside of this."
        ),
        said("mean and quantiles (0.025, 0.975) of 200 random graphs of the same degrees (fewer if large), seed 1"),
        said("Fosdick, Larremore, Nishimura and Ugander (2018)"),
        said("By chance alone, the E-I index of nations and regions would be about %(value)s."),
    ),
    Measure(
        "region_assortativity",
        1,
        "index",
        said("Assortativity of regions"),
        said("0 where regions connect as often as by chance, to 1 where no connection leaves a region."),
        said("(share within − share expected within) / (1 − share expected within)"),
        said("Newman (2003), equation 2"),
        said("The assortativity of nations and regions is %(value)s."),
    ),
    Measure(
        "core_largest",
        1,
        "ties",
        said("Deepest core"),
        said("The largest number for which some members each have that many connections among themselves."),
        said("largest core number"),
        said("Seidman (1983)"),
        said("In the innermost group, everybody has at least %(value)s connections within it."),
    ),
    Measure(
        "core_fit",
        1,
        "index",
        said("Core and periphery"),
        said(
            "How well the network falls into a core of people who all know each other and a periphery of people who do "
            "not: 1 where it does so wholly, about 0 where it does not."
        ),
        said("correlation of connections with the pattern, leaving out pairs between core and periphery"),
        said("Borgatti and Everett (1999), cut as Lip (2011) has it"),
        said("The network fits a core and a periphery with a correlation of %(value)s."),
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
    ),
    Measure(
        "betweenness_centralisation",
        1,
        "index",
        said("How much hangs on one person"),
        said(
            "How far the one person through whom most shortest ways run stands out: 0 where ways run through all "
            "alike, 1 where all of them run through one. For staff alone: it is in no file to be published."
        ),
        said(
            "sum of differences between the highest betweenness and each member's / the most it can be; at months' "
            "ends, and of more than 3,000 members, from 256 members (fewer of more than 25,000) drawn with seed 1, "
            "with its interval"
        ),
        said("Freeman (1978)"),
        said("The betweenness centralisation is %(value)s."),
        published=False,
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
    ),
    Measure(
        "modularity",
        1,
        "index",
        said("How separate communities are"),
        said("0 where communities have no more connections within them than by chance, towards 1 where they have all."),
        said("share of connections within communities − share expected by chance (modularity)"),
        said("Newman and Girvan (2004)"),
        said("The communities have a modularity of %(value)s."),
    ),
    Measure(
        "community_stability",
        1,
        "index",
        said("How certain communities are"),
        said("How alike communities are that are found from different beginnings: 1 the same, about 0 as by chance."),
        said("mean adjusted Rand index of all pairs of ten runs"),
        said("Hubert and Arabie (1985)"),
        said("Communities that are found twice agree with an index of %(value)s."),
    ),
    Measure(
        "small_world",
        1,
        "number",
        said("Small world"),
        said(
            "How much more people's acquaintances know each other than by chance, for the steps that lie between them. "
            "Clearly above 1, a network is a small world: close circles, and short ways between them."
        ),
        said("(clustering / by chance) / (steps / by chance), over 20 random graphs of the same degrees, seed 1"),
        said("Humphries and Gurney (2008)"),
        said("The small-world ratio is %(value)s."),
    ),
)

BY_KEY = {one.key: one for one in MEASURES}

PUBLISHED = tuple(one for one in MEASURES if one.published)
