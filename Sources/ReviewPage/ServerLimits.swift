import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What a server takes on at a time, so that nobody who connects can use it up.
struct ServerLimits: Sendable {
    /// That are open at a time; more wait in the system's queue until one ends.
    var connections: Int
    /// After this long a connection without a request is ended, and one whose request has not come as far as its body.
    var idle: Duration = .seconds(30)
    /// Within this long the whole of a request must have come.
    var request: Duration = .seconds(30)
    /// Within this long a client must have taken an answer.
    var answer: Duration = .seconds(300)

    /// Of a request. A thousand marks of a hundred corners each are half of it.
    static let bodyBytes = 1 << 20
    /// What is still read of a larger one, so that its sender sees the refusal.
    static let readBytes = 8 << 20

    /// - Parameters:
    ///   - descriptors: that the process may have open.
    ///   - used: those that it has.
    init(descriptors: Int, used: Int) {
        // Half of what is left is for files of the job and for the pipes of the workers that read slides.
        connections = min(256, max(4, (descriptors - used - 24) / 2))
    }

    /// Of this process.
    static var current: ServerLimits {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let used = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 64
        return ServerLimits(descriptors: isKnown ? Int(clamping: limit.rlim_cur) : 256, used: used)
    }
}
