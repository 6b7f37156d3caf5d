import Foundation
import Messages
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Why a `wsi-compute` is gone that gave no result.
struct ComputeDeath {
    var verb: String
    var end: ChildProcess.Result

    var name: String { "wsi-compute \(verb)" }

    var failure: Failure { failure(adding: "") }

    /// The program's own error line where it left one. Without one nothing that it found ended it: a signal or a library did,
    /// and the same command may go well where there is more room.
    func failure(adding circumstances: String) -> Failure {
        if let said = end.failure { return said }
        switch end.end {
        case .timedOut where Self.looks.contains(verb):
            return Failure(.io, name, "\(words); \(Self.lookAtDriver)")
        case .timedOut: return Failure(.encoder, nil, "\(name): \(words)")
        case .signalled: return Failure(isTrap ? .bug : .io, name, "\(words)\(circumstances); \(wayOut)")
        case .exited where end.errorText.contains("while loading shared libraries"):
            return Failure(
                .notFound,
                name,
                "it cannot start: \(end.lastWords ?? ""); install wsi with its libraries again"
            )
        case .exited: return Failure(.io, name, "\(words)\(circumstances); \(wayOut)")
        }
    }

    /// Of one that was killed and has not ended.
    static func unending(verb: String) -> Failure {
        Failure(.io, "wsi-compute \(verb)", "no end within its time, and it cannot be killed; \(lookAtDriver)")
    }

    /// Those that only look at the machine.
    private static let looks = [ComputeVerb.engine, .machine, .devices].map(\.rawValue)
    private static let lookAtDriver =
        "the driver of a GPU may hang: have it looked at (nvidia-smi, dmesg), or name the device cpu"

    /// `it was ended by signal 9 (SIGKILL), as the system ends processes where memory runs out, when it had had up to 5123 MB of
    /// memory`
    var words: String {
        switch end.end {
        case .timedOut: return "no end within its time"
        case .exited(let code):
            return "it exited with \(code) " + (end.lastWords.map { "after: \($0)" } ?? "without a word")
        case .signalled(let signal):
            var text = "it was ended by signal \(signal)" + (Self.names[signal].map { " (\($0))" } ?? "")
            if signal == SIGKILL { text += ", as the system ends processes where memory runs out" }
            if end.isOutOfMemory { text += " because memory ran out" }
            return text + (end.peakMemory.map { ", when it had had up to \($0 >> 20) MB of memory" } ?? "")
        }
    }

    /// Whether what it worked on may have ended it: it crashed, and memory was not short; or it lost its last GPU.
    var mayBeOfTheWork: Bool {
        let crashes = [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP]
        let hasCrashed = crashes.contains { end.end == .signalled($0) } && !end.isOutOfMemory
        return hasCrashed || end.failure.flatMap { DeviceFault($0.message) } == .lost
    }

    /// Whether somebody or the system ended it, and not what it worked on.
    var wasSent: Bool { if case .signalled = end.end { !mayBeOfTheWork } else { false } }

    /// Whether memory was short, as far as can be known.
    var isOfMemory: Bool { end.end == .signalled(SIGKILL) || end.isOutOfMemory }

    private var wayOut: String {
        guard isOfMemory else { return "run the same command again" }
        switch verb {
        case "train": return "use a machine with more memory, fewer --workers or slides with fewer patches"
        case "encode": return "use a machine with more memory or fewer --workers"
        default: return "use a machine with more memory or slides with fewer patches"
        }
    }

    /// Swift ends a program so that finds itself wrong.
    private var isTrap: Bool { [.signalled(SIGILL), .signalled(SIGTRAP)].contains(end.end) }

    private static let names: [Int32: String] = [
        SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        SIGILL: "SIGILL",
        SIGTRAP: "SIGTRAP", SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGXCPU: "SIGXCPU",
    ]
}

extension ChildProcess.Result {
    /// The last line that it said on stderr.
    var lastWords: String? { errorText.split(separator: "\n").last.map(String.init) }

    /// Its own error line.
    var failure: Failure? { lastWords.flatMap(Failure.init(errorLine:)) }

    /// Where an allocation fails, GLib and the C++ runtime say so and abort; a signal alone does not tell.
    var isOutOfMemory: Bool {
        errorText.contains(/failed to allocate|bad_alloc|[Oo]ut of memory|[Cc]annot allocate memory/)
    }
}
