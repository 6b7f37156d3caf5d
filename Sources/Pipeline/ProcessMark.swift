import Foundation

/// A process of a host, told from later ones of the same number by when it started.
struct ProcessMark: Codable, Equatable, Sendable {
    var host: String
    var number: Int32
    /// In ticks after the boot.
    var start: String
    /// Which boot of the host; nil in records of earlier versions.
    var boot: String?
    /// In which its number counts: containers of one name on one machine have each their own; nil in records of earlier versions.
    var namespace: String?

    static func own() -> ProcessMark {
        let number = ProcessInfo.processInfo.processIdentifier
        return ProcessMark(
            host: ProcessInfo.processInfo.hostName,
            number: number,
            start: start(of: number) ?? "",
            boot: currentBoot,
            namespace: currentNamespace
        )
    }

    /// nil where that is another host's matter, or another container's, whose processes cannot be seen from here.
    ///
    /// What began before the last boot is gone. Machines that share a name would say so of each other's processes: whatever a
    /// stage does is checked when it is recorded, too.
    var isAlive: Bool? {
        guard host == ProcessInfo.processInfo.hostName else { return nil }
        if let boot, let current = Self.currentBoot, boot != current { return false }
        if let namespace, let current = Self.currentNamespace, namespace != current { return nil }
        return Self.start(of: number) == start
    }

    private static let currentBoot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines)

    private static let currentNamespace = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/ns/pid"
    )

    /// The 22nd field of `/proc/N/stat`; the second, a name in parentheses, may hold anything. nil of a zombie, which is dead
    /// and only waits to be asked how it ended.
    private static func start(of process: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 20, fields[1] != "Z", fields[1] != "X" else { return nil }
        return String(fields[20])
    }
}
