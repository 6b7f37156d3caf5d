/// The process exit codes of every command, as docs/errors.md has them.
///
/// A new one is a case here, with its words and its place in `worst`, and a row there.
public enum ExitStatus: Int32, CaseIterable, Sendable, Codable {
    case ok = 0
    case bug = 1
    case usage = 2
    case partial = 3
    case integrity = 4
    case refused = 5
    case temporary = 75
    /// 128 and the number of the signal that ended the command.
    case hangup = 129
    case interrupted = 130
    case quit = 131
    case terminated = 143

    /// What it means, for people.
    public var meaning: String {
        switch self {
        case .ok: "every slide is done"
        case .bug: "an internal error; must never happen"
        case .usage: "a flag, config or table is wrong, found before any work"
        case .partial: "finished, but some slides failed for reasons in their data"
        case .integrity: "a file is not what it was, or results of another configuration are in the way"
        case .refused: "refused: an unsafe name or link, an untrusted encoder, a case on both sides of a split"
        case .temporary: "a full or failing disk, a lost process, a limit of the machine: try again"
        case .hangup: "ended by SIGHUP, as its terminal went; the same command goes on"
        case .interrupted: "ended by SIGINT (Ctrl-C); the same command goes on"
        case .quit: "ended by SIGQUIT (Ctrl-\\); the same command goes on"
        case .terminated: "ended by SIGTERM; the same command goes on"
        }
    }

    /// As the help of commands has it, which is no place for signals.
    public var help: String? {
        switch self {
        case .ok: "every slide is done"
        case .usage: "a flag, config or table is wrong"
        case .partial: "some slides failed for reasons in their data"
        case .integrity: "a file is not what it was or results of another configuration are in the way"
        case .refused: "refused"
        case .temporary: "try again"
        case .bug, .hangup, .interrupted, .quit, .terminated: nil
        }
    }

    /// A bug before everything, a partial result last.
    static let byWeight: [ExitStatus] = [
        .bug, .terminated, .quit, .interrupted, .hangup, .refused, .integrity, .usage, .temporary, .partial, .ok,
    ]

    /// Which of several results a command reports.
    public static func worst(_ statuses: some Sequence<ExitStatus>) -> ExitStatus {
        byWeight.first(where: Set(statuses).contains) ?? .ok
    }
}
