import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Why a `wsi-compute` is gone that gave no result.
struct ComputeDeath {
    var verb: String
    var end: ChildProcess.Result

    /// The program's own error line where it left one. Without one nothing that it found ended it: a signal or a library did,
    /// and the same command may go well where there is more room.
    var failure: Failure {
        if let said = end.failure { return said }
        let last = end.lastWords
        let name = "wsi-compute \(verb)"
        switch end.end {
        case .timedOut: return Failure(.encoder, nil, "\(name): no end within its time")
        case .signalled(let signal):
            return Failure(isTrap ? .bug : .io, name, "\(words(of: signal)); \(wayOut)")
        case .exited where end.errorText.contains("while loading shared libraries"):
            return Failure(.notFound, name, "it cannot start: \(last ?? ""); install wsi with its libraries again")
        case .exited(let code):
            return Failure(
                .io,
                name,
                "it exited with \(code) \(last.map { "after: \($0)" } ?? "without a word"); \(wayOut)"
            )
        }
    }

    /// `it was ended by signal 9 (SIGKILL), as the system does where memory runs out; it had up to 5123 MB`
    private func words(of signal: Int32) -> String {
        var text = "it was ended by signal \(signal)" + (Self.names[signal].map { " (\($0))" } ?? "")
        if signal == SIGKILL { text += ", as the system ends processes where memory runs out" }
        if end.isOutOfMemory { text += " because memory ran out" }
        return text + (end.peakMemory.map { ", when it had had up to \($0 >> 20) MB of memory" } ?? "")
    }

    private var wayOut: String {
        guard end.end == .signalled(SIGKILL) || end.isOutOfMemory else { return "run the same command again" }
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
