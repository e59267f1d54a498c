"""What is stored, and nothing about why."""

from haln.models.accounts import AccountToken, ApiKey, Invitation, SignInSession, Throttle
from haln.models.base import Base, Document, Identity, Moment
from haln.models.coffee import CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSchedule, CoffeeSeat
from haln.models.cohorts import Application, ApplicationSlot, Cohort, CohortFacilitator, CohortPair, CohortSlot
from haln.models.digests import Digest, DigestChoice, Notice
from haln.models.events import CalendarFeed, Event, EventAttendance, EventRegistration
from haln.models.figures import KeptFigures
from haln.models.history import AuditRecord
from haln.models.imports import ImportFile
from haln.models.members import Counter, Member, MemberText, MemberTheme
from haln.models.newsletters import Newsletter, StoppedAddress
from haln.models.organisations import Organisation, OrganisationName
from haln.models.outcomes import MeetingAnswer, Outcome, OutcomeAgreement
from haln.models.pathways import (
    Pathway,
    PathwayDone,
    PathwayFinish,
    PathwayModule,
    PathwayProgress,
    PathwayReflection,
    PathwayStep,
    PathwayStepVersion,
)
from haln.models.pictures import NetworkLayout
from haln.models.places import Place, PlaceName
from haln.models.plans import CohortPlan, PlanStep, Seat
from haln.models.post import Mail
from haln.models.resources import (
    Resource,
    ResourceAuthor,
    ResourceBookmark,
    ResourceFeed,
    ResourceMark,
    ResourcePicture,
    ResourceRelated,
    ResourceStep,
    ResourceUse,
    ResourceUsed,
    ResourceVersion,
)
from haln.models.sets import (
    Attendance,
    LearningSet,
    Reflection,
    SetAction,
    SetMembership,
    SetNote,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.models.suggestions import (
    AlgorithmRun,
    BlendModel,
    Dismissal,
    Suggestion,
    SuggestionAnswer,
    SuggestionRefresh,
)
from haln.models.ties import Block, Connection, Introduction
from haln.models.topics import Topic, TopicAnswer, TopicBacking, TopicComment, TopicResult
from haln.models.versions import (
    AttendanceVersion,
    ConnectionVersion,
    MemberVersion,
    SessionVersion,
    SetMembershipVersion,
)

__all__ = [
    "AccountToken",
    "AlgorithmRun",
    "ApiKey",
    "Application",
    "ApplicationSlot",
    "Attendance",
    "AttendanceVersion",
    "AuditRecord",
    "Base",
    "BlendModel",
    "Block",
    "CalendarFeed",
    "CoffeeOptIn",
    "CoffeePair",
    "CoffeeRound",
    "CoffeeSchedule",
    "CoffeeSeat",
    "Cohort",
    "CohortFacilitator",
    "CohortPair",
    "CohortPlan",
    "CohortSlot",
    "Connection",
    "ConnectionVersion",
    "Counter",
    "Digest",
    "DigestChoice",
    "Dismissal",
    "Document",
    "Event",
    "EventAttendance",
    "EventRegistration",
    "Identity",
    "ImportFile",
    "Introduction",
    "Invitation",
    "KeptFigures",
    "LearningSet",
    "Mail",
    "MeetingAnswer",
    "Member",
    "MemberText",
    "MemberTheme",
    "MemberVersion",
    "Moment",
    "NetworkLayout",
    "Newsletter",
    "Notice",
    "Organisation",
    "OrganisationName",
    "Outcome",
    "OutcomeAgreement",
    "Pathway",
    "PathwayDone",
    "PathwayFinish",
    "PathwayModule",
    "PathwayProgress",
    "PathwayReflection",
    "PathwayStep",
    "PathwayStepVersion",
    "Place",
    "PlaceName",
    "PlanStep",
    "Reflection",
    "Resource",
    "ResourceAuthor",
    "ResourceBookmark",
    "ResourceFeed",
    "ResourceMark",
    "ResourcePicture",
    "ResourceRelated",
    "ResourceStep",
    "ResourceUse",
    "ResourceUsed",
    "ResourceVersion",
    "Seat",
    "SessionVersion",
    "SetAction",
    "SetMembership",
    "SetMembershipVersion",
    "SetNote",
    "SetRequest",
    "SetSession",
    "SetSuggestion",
    "SignInSession",
    "StoppedAddress",
    "Suggestion",
    "SuggestionAnswer",
    "SuggestionRefresh",
    "Throttle",
    "Topic",
    "TopicAnswer",
    "TopicBacking",
    "TopicComment",
    "TopicResult",
]
