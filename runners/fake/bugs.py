"""The bugs that a fake browser can be given: for tests that prove what a check, a verdict or an outcome does then."""

from __future__ import annotations

from enum import StrEnum


class Bug(StrEnum):
    """One thing that a fake browser does wrong. ``meaning`` is said to people."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> Bug:
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    # lifetime
    DIES_WITH_FIRST_RECEIVER = "dies-with-first-receiver", "a port with several receivers ends with the first of them"
    LIVES_WITH_ONE_RECEIVER_LEFT = (
        "lives-with-one-receiver-left",
        "a port with several receivers lives until the last of them is gone",
    )
    OTHER_DISCONNECT = (
        "other-disconnect",
        "one receiver's disconnect() is told to the others by the other family's rule",
    )
    ANY_FRAME_COUNTS = "any-frame-counts", "a frame that never received the port ends it when it unloads"
    OUTLIVES_ITS_RECEIVERS = "outlives-its-receivers", "a port stays open when the last receiver unloads"
    OUTLIVES_ITS_OPENER = "outlives-its-opener", "a port stays open when the opener unloads"
    HALF_A_DISCONNECT = "half-a-disconnect", "of several receivers only the first is told that the opener disconnected"
    ENDS_BY_ITSELF = "ends-by-itself", "a port ends at both ends as soon as everything is quiet"
    OTHER_RELOAD = "other-reload", "a reload does to content scripts what the other family does"
    RELOADS_NOTHING = "reloads-nothing", "a page that is loaded anew stays the same document"
    NO_WAKE_UP = "no-wake-up", "a connect does not start a stopped background"
    BFCACHE_OPPOSITE = "bfcache-opposite", "a page in the bfcache keeps or loses its ports by the other family's rule"
    BFCACHE_QUIET_END = "bfcache-quiet-end", "a port ends when its page goes into the bfcache, without an error"
    OTHER_SURROGATES = "other-surrogates", "half a surrogate pair in a name is treated as the other family does"
    BFCACHE_REFUSED = (
        "bfcache-refused",
        "no page is kept in the bfcache: it is unloaded, and loaded anew on the way back",
    )
    BFCACHE_EVICTS = (
        "bfcache-evicts",
        "a port stays open in the bfcache until something is sent to its page, which is then removed from there",
    )
    BFCACHE_KEEPS_MESSAGES = (
        "bfcache-keeps-messages",
        "what is sent to a page in the bfcache arrives when it comes back",
    )

    # onDisconnect
    NEVER_FIRES_DISCONNECT = "never-fires-disconnect", "onDisconnect never fires"
    FIRES_DISCONNECT_TWICE = "fires-disconnect-twice", "onDisconnect fires twice"
    DISCONNECT_FIRES_AT_THE_CALLER = (
        "disconnect-fires-at-the-caller",
        "onDisconnect fires at the end that called disconnect()",
    )
    DISCONNECTS_EARLY = "disconnects-early", "onDisconnect overtakes the messages that were posted before"
    WRONG_ARGUMENT = "wrong-argument", "onDisconnect listeners are given no port"
    ERROR_ALWAYS = "error-always", "every onDisconnect comes with an error"
    ERROR_NEVER = "error-never", "no onDisconnect comes with an error"
    ERROR_IN_THE_WRONG_PLACE = "error-in-the-wrong-place", "errors are reported where the other family reports them"
    ERROR_IN_BOTH_PLACES = "error-in-both-places", "errors are reported in port.error and in runtime.lastError"
    ERROR_WITHOUT_TEXT = "error-without-text", "an error's message is not a string"

    # messages
    LOSES_LAST_MESSAGE = "loses-last-message", "the last message of each direction never arrives"
    LOSES_FIRST_MESSAGE = "loses-first-message", "the first message of each direction never arrives"
    REORDERS_MESSAGES = "reorders-messages", "messages of one turn arrive in the wrong order"
    DUPLICATES_MESSAGES = "duplicates-messages", "every message arrives twice"
    MANGLES_VALUES = "mangles-values", "values arrive wrapped in an array"
    MESSAGES_COME_BACK = "messages-come-back", "a message arrives at the end that posted it, too"
    DELIVERS_AFTER_DISCONNECT = "delivers-after-disconnect", "messages still arrive at ends that are disconnected"
    POST_AFTER_DISCONNECT_RETURNS = "post-after-disconnect-returns", "postMessage on a disconnected port returns"
    POST_THROWS = "post-throws", "postMessage always throws"
    SENDS_NOTHING_BUT_TEXT = "sends-nothing-but-text", "postMessage throws for what is not a string"
    SENDS_ANYTHING = "sends-anything", "postMessage never throws for a value: what cannot be sent arrives as null"
    OTHER_SERIALIZATION = "other-serialization", "values are serialized as the other family does"
    HAS_NO_SIZE_LIMIT = "has-no-size-limit", "messages of any size are sent"
    INVENTS_MESSAGES = "invents-messages", "a message arrives that nobody posted"

    # opening
    OTHER_API = "other-api", "every context has the API that the other family gives it"
    API_EVERYWHERE = "api-everywhere", "content scripts have all of the API, and can use it"
    BROWSER_ALONE = "browser-alone", "the API is in the namespace browser, and not in chrome"
    CHROME_ALONE = "chrome-alone", "the API is in the namespace chrome, and not in browser"
    CONNECT_THROWS = "connect-throws", "connect always throws"
    CONNECT_RETURNS_NOTHING = "connect-returns-nothing", "connect opens a port, and returns nothing"
    CONNECT_ACCEPTS_ANYTHING = "connect-accepts-anything", "connect returns a port for whatever arguments"
    OTHER_ARGUMENTS = "other-arguments", "calls take the arguments that the other family takes"
    CONNECTS_TO_NOBODY = "connects-to-nobody", "every connect finds no receiver"
    CONNECTS_TO_THE_FIRST_ONLY = "connects-to-the-first-only", "of several receivers only the first is given the port"
    CONNECTS_TO_ITSELF = "connects-to-itself", "a context hears its own connect"
    CONNECTS_TWICE = "connects-twice", "every connect is heard twice"
    REACHES_CONTENT_SCRIPTS = "reaches-content-scripts-by-runtime-connect", "runtime.connect reaches content scripts"
    EMBEDDED_PAGES_OPPOSITE = (
        "embedded-pages-opposite",
        "an extension's page in a web page hears runtime.connect, or not, as in the other family",
    )
    DEVTOOLS_OPPOSITE = (
        "devtools-opposite",
        "a devtools page hears content scripts, or not, as in the other family",
    )
    REACHES_EVERY_TAB = "reaches-every-tab", "tabs.connect reaches every tab"
    IGNORES_FRAME_ID = "ignores-frame-id", "tabs.connect to one frame or document reaches all of them"
    IGNORES_EXTENSION_ID = "ignores-extension-id", "runtime.connect to whatever id reaches the own extension"
    EXTERNAL_IS_INTERNAL = (
        "external-is-internal",
        "connects from outside fire onConnect, and those from inside onConnectExternal",
    )
    OTHER_EXTERNALLY_CONNECTABLE = (
        "other-externally-connectable",
        "the manifest's key externally_connectable is heeded, or not, as in the other family",
    )
    USER_SCRIPT_IS_A_CONTENT_SCRIPT = "user-script-is-a-content-script", "a user script's connect fires onConnect"
    USER_SCRIPT_COMES_FROM_OUTSIDE = "user-script-comes-from-outside", "a user script's connect fires onConnectExternal"
    NO_RECEIVER_IS_FINE = "no-receiver-is-fine", "a port that nobody received stays open"

    # worlds
    MESSAGING_EVERYWHERE = "messaging-everywhere", "user scripts can send messages, whatever is configured"
    CONFIGURES_NOTHING = "configures-nothing", "configureWorld() does nothing"
    RESETS_NOTHING = "resets-nothing", "resetWorldConfiguration() does nothing"
    CHANGES_WORLDS_AT_ONCE = "changes-worlds-at-once", "a configuration is for the worlds that are there, too"
    FORGETS_WORLDS = "forgets-worlds", "configurations of worlds are forgotten when the background is stopped"
    UPDATED_WORLDS_OPPOSITE = (
        "updated-worlds-opposite",
        "configurations of worlds stay when the extension is updated, or not, as in the other family",
    )
    DEFAULT_CONFIGURATION_OPPOSITE = (
        "default-configuration-opposite",
        "a configuration without a worldId is for the default world alone, or for all, as in the other family",
    )
    OWN_CONFIGURATION_IGNORED = "own-configuration-ignored", "a world's own configuration is not heeded"
    FORBIDDEN_CALLS_THROW = "forbidden-calls-throw", "calls throw in a world that may not send messages any more"
    FORBIDDEN_PORTS_END = "forbidden-ports-end", "ports end in a world that may not send messages any more"
    INSTALLED_PERMISSION_OPPOSITE = (
        "installed-permission-opposite",
        "the permission for user scripts is granted at installation, or not, as in the other family",
    )
    FORBIDDEN_PERMISSION_OPPOSITE = (
        "forbidden-permission-opposite",
        "who forbids user scripts takes the permission away, or not, as in the other family",
    )
    FORBIDS_NOTHING = "forbids-nothing", "nobody can forbid user scripts"
    A_GLOBAL_FOR_EACH_SCRIPT = (
        "a-global-for-each-script",
        "each content script of a frame has a global of its own, and is a receiver",
    )

    # names and senders
    NO_NAMES = "no-names", "ports have no name"
    WRONG_NAMES = "wrong-names", "the receiver's port has another name"
    WRONG_OWN_NAMES = "wrong-own-names", "the opener's port has another name"
    SENDER_EVERYWHERE = "sender-everywhere", "the opener's port has a sender, too"
    NO_SENDER = "no-sender", "no port has a sender"
    EMPTY_SENDER = "empty-sender", "every sender is an empty object"
    SENDER_OF_TEXT = "sender-of-text", "every field of a sender is text"
    SENDER_WITH_TAB = "sender-with-tab", "every sender has a tab and a frame, of which none is"
    SENDER_TELLS_EVERYTHING = "sender-tells-everything", "every sender has every field that any browser's has"
    ONE_DOCUMENT_ID = "one-document-id", "every document has the same id"
    SENDER_URL_OF_NOW = "sender-url-of-now", "a sender's url is what the document's address is now"
    WRONG_FRAME_IDS = "wrong-frame-ids", "every sender's frameId is that of a frame which is not there"

    # listeners
    REMOVED_LISTENERS_STILL_CALLED = "removed-listeners-still-called", "removeListener does nothing"
    IGNORES_SECOND_LISTENER = "ignores-second-listener", "only the first listener of an event is called"
    REMOVED_MEANWHILE_OPPOSITE = (
        "removed-meanwhile-opposite",
        "a listener removed in the middle of a dispatch is called, or not, as in the other family",
    )
    CALLS_TWICE_WHAT_IS_ADDED_TWICE = "calls-twice-what-is-added-twice", "a listener added twice is called twice"
    STOPS_AT_A_THROW = "stops-at-a-throw", "no listener is called after one that threw"
    OTHER_SHAPES = "other-shapes", "ports and events have the properties that they have in the other family"
    FROZEN_OBJECTS = "frozen-objects", "properties of ports and events are inherited, hidden and cannot be written"
    NOTHING_INSIDE = "nothing-inside", "ports and events have no properties"
    NO_SECOND_ARGUMENT = "no-second-argument", "onMessage listeners are given the message alone"
    DISCONNECT_TWICE_THROWS = "disconnect-twice-throws", "disconnect() on a disconnected port throws"
    DISCONNECT_DOES_NOTHING = "disconnect-does-nothing", "disconnect() does nothing"

    # native applications
    NATIVE_SURVIVES_DISCONNECT = "native-app-survives-disconnect", "an application is not told that its port was closed"
    NATIVE_NEVER_STARTS = "native-never-starts", "connectNative returns a port, and starts nothing"
    NATIVE_STARTS_TWICE = "native-starts-twice", "connectNative starts two processes, of which one is not connected"
    NATIVE_SHARES_PROCESS = "native-shares-process", "a second port to an application is given no process of its own"
    NATIVE_ENDS_AS_ELSEWHERE = (
        "native-ends-as-elsewhere",
        "an application that stays is ended as the other family ends it",
    )
    NATIVE_ORIGIN_WITHOUT_SLASH = (
        "native-origin-without-slash",
        "the origin that an application is given has no slash at its end",
    )
    NATIVE_ANSWERS_EVERYBODY = (
        "native-answers-everybody",
        "an application's answer to a one-time message fires onMessage",
    )
    NATIVE_STARTS_ANYTHING = "native-starts-anything", "an application is started that is missing or not permitted"
    NATIVE_NAME_EMPTY = "native-name-empty", "a native port's name is empty"
    NATIVE_NAME_GIVEN = "native-name-given", "a native port's name is the application's"
    NATIVE_IS_A_CONNECT = "native-is-a-connect", "connectNative fires onConnect and onConnectExternal"
    NATIVE_KEEPS_NOTHING = "native-keeps-nothing", "an idle background is stopped in spite of its native port"
    NATIVE_HAS_NO_LIMIT = "native-has-no-limit", "messages of any size are taken from an application"
    NATIVE_LIMIT_TOO_SMALL = "native-limit-too-small", "messages of 1 MiB are refused"
    NATIVE_GARBAGE_OPPOSITE = (
        "native-garbage-opposite",
        "what is not JSON ends the port, or not, as in the other family",
    )
    NATIVE_GARBAGE_QUIET = "native-garbage-quiet", "what is not JSON ends the port without an error"
    NATIVE_GARBAGE_ARRIVES = "native-garbage-arrives", "what is not JSON arrives as a string"
    NATIVE_CAUSES_UNNAMED = (
        "native-causes-unnamed",
        "every refusal of an application is called an unexpected error",
    )
    NATIVE_CAUSES_NAMED = "native-causes-named", "the port's error names every cause"
    NATIVE_STDERR_OPPOSITE = (
        "native-stderr-opposite",
        "an application's standard error is shown in the console, or is the browser's own, as in the other family",
    )
    NATIVE_ENDS_CHILDREN = (
        "native-ends-children",
        "the children in an application's process group are ended with it",
    )
    NATIVE_ENDS_EVERY_CHILD = (
        "native-ends-every-child",
        "all children of an application are ended with it, also those that have broken away",
    )

    # backgrounds and the console
    MINDS_REMOVED_LISTENERS = (
        "minds-removed-listeners",
        "a connect does not start a stopped background whose listener was removed",
    )
    TELLS_THE_DYING = "tells-the-dying", "a background that is stopped hears the end of its own ports"
    FAREWELL_OPPOSITE = (
        "farewell-opposite",
        "a background that is stopped is told so, by onSuspend and pagehide, or not, as in the other family",
    )
    SUSPENDS_ALL_THE_SAME = "suspends-all-the-same", "an event does not keep a background that is about to be stopped"
    CRASH_RELOADS_OPPOSITE = (
        "crash-reloads-opposite",
        "after a crash of all extensions' process an event page is loaded again at once, a persistent background with its next event",
    )
    CRASH_IS_FOR_GOOD = "crash-is-for-good", "no background is loaded again after a crash of all extensions' process"
    PAGE_CRASHES_ALONE = "page-crashes-alone", "the background of an extension outlives a crash of the extension's page"
    PAGE_CRASH_IS_FOR_GOOD = (
        "page-crash-is-for-good",
        "a crash of an extension's page ends the extension, or only its background, as in the other manifest version",
    )
    CONSOLE_SAYS_NOTHING = "console-says-nothing", "nothing is shown in the console"
    CONSOLE_SAYS_EVERYTHING = (
        "console-says-everything",
        "the console shows every error, also one that was read, and the cause of every refusal",
    )
    ALIAS_OF_ITS_OWN = "alias-of-its-own", "extension.lastError is another object than runtime.lastError"
    ALIAS_OPPOSITE = "alias-opposite", "extension.lastError is there, or not, as in the other manifest version"

    # the instrument's outcomes
    CRASHES = "crashes", "the browser crashes at the first settle: outcome crash"
    GOES_SILENT = "goes-silent", "the browser answers no more at the first settle: outcome timeout"
    LOSES_AN_EVENT = "loses-an-event", "the instrument loses one event: outcome harness-error"


def bug_named(name: str) -> Bug:
    """Look up the bug of this name. Raises ValueError for one that is not known."""
    for bug in Bug:
        if bug.value == name:
            return bug
    raise ValueError(f"no bug is called {name!r}; accepted: {', '.join(Bug)}")


OUTCOMES = frozenset({Bug.CRASHES, Bug.GOES_SILENT, Bug.LOSES_AN_EVENT})
"""The bugs whose plays are not judged."""
