public import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A process of this host as it stands in the names of what it leaves: told from later ones of its number by when it
/// started, from those before the last boot by the boot, and from those of other containers by the namespace of numbers.
public struct ProcessTag: Equatable, Sendable {
    public var process: pid_t
    /// The first eight hexadecimal digits of the kernel's boot id.
    public var boot: String
    /// The namespace that process numbers are of, in hexadecimal.
    public var namespace: String
    /// In ticks after the boot.
    public var start: String

    /// What stands for a part that the system does not tell.
    public static let unknown = "0"

    public static let own = ProcessTag(
        process: getpid(),
        boot: bootID() ?? unknown,
        namespace: processNamespace() ?? unknown,
        start: ProcessState.of(getpid())?.start ?? unknown
    )

    var text: String { "\(process)-\(boot)-\(namespace)-\(start)" }

    /// Whether the process has ended; what belongs to a process of which nothing is known here counts as alive.
    /// - Parameter written: when what carries this tag was last written to, in seconds since 1970.
    func isDead(written: Double) -> Bool {
        let own = Self.own
        guard boot == own.boot else {
            // Another boot id with a later time is no earlier boot of this host but another host of its name.
            return own.boot != Self.unknown && boot != Self.unknown && written < Self.bootTime
        }
        guard namespace == own.namespace else { return false }
        return Self.isDead(process, start: start)
    }

    /// - Parameter start: nil where it is not known.
    static func isDead(_ process: pid_t, start: String?) -> Bool {
        guard let state = ProcessState.of(process) else {
            // Without /proc, or where it hides the processes of others.
            return kill(process, 0) != 0 && errno == ESRCH
        }
        if state.hasEnded { return true }
        guard let start, start != unknown else { return false }
        return state.start != start
    }

    /// In seconds since 1970.
    private static var bootTime: Double {
        var since = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &since) == 0 else { return 0 }
        return Date().timeIntervalSince1970 - Double(since.tv_sec)
    }

    /// nil also where it differs from one reading to the next, as in some sandboxes.
    private static func bootID() -> String? {
        let readings = (0..<2).map { _ in
            (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))
                .map { String($0.filter(\.isHexDigit).prefix(8)).lowercased() }
        }
        return readings[0] == readings[1] && readings[0]?.count == 8 ? readings[0] : nil
    }

    private static func processNamespace() -> String? {
        guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid") else {
            return nil
        }
        return UInt64(link.filter(\.isNumber)).map { String($0, radix: 16) }
    }
}

extension ProcessTag {
    /// Of a name's words; nil where they are none.
    init?(_ words: some Collection<Substring>) {
        let words = Array(words)
        guard words.count == 4, let process = pid_t(words[0]), process > 0 else { return nil }
        (self.process, boot, namespace, start) = (process, String(words[1]), String(words[2]), String(words[3]))
    }
}

/// What the kernel says of a process, `/proc/N/stat`.
public struct ProcessState: Sendable {
    var parent: pid_t
    /// The process that leads the session it is of.
    var session: pid_t
    /// In ticks after the boot.
    public var start: String
    /// A zombie, which has ended although its number is still taken. Where other threads live on, it has not.
    public var hasEnded: Bool

    /// nil where there is no such process, or the system does not tell.
    public static func of(_ process: pid_t) -> ProcessState? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        return ProcessState(String(decoding: data, as: UTF8.self))
    }

    /// The second field, a name in parentheses, may hold anything; those after it are counted from its end.
    init?(_ text: String) {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]), let session = pid_t(fields[3]),
            let threads = Int(fields[17])
        else { return nil }
        (self.parent, self.session) = (parent, session)
        start = String(fields[19])
        hasEnded = ["Z", "X", "x"].contains(fields[0]) && threads <= 1
    }
}
