import Foundation
import Records
import Storage

/// One run of one or more stages, `JOB/audit/runs/…json`: begun, and ended with what it measured.
struct RunRecord: Codable, Equatable, Sendable {
    /// Of one run: several where encoders share the pass over the slides.
    var stages: [String]
    var process: ProcessMark
    /// UTC, `2026-05-01T12:00:00Z`.
    var began: String
    /// nil while it runs, and for ever where it was killed.
    var ended: String?
    var workers: Int
    /// Units that were not done when it began.
    var units: Int
    var throughput: Throughput?

    static func folder(_ layout: JobLayout) -> URL { layout.audit.appending(path: "runs") }

    /// Every record of a job that can be read, the oldest first.
    static func all(in layout: JobLayout) -> [RunRecord] {
        let folder = folder(layout)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
            .compactMap { try? CanonicalJSON.read(RunRecord.self, from: folder.appending(path: $0)) }
            .sorted { $0.began < $1.began }
    }

    static func now() -> String { Date().ISO8601Format() }
}

/// A process of a host, told from later ones of the same number by when it started.
struct ProcessMark: Codable, Equatable, Sendable {
    var host: String
    var number: Int32
    /// In ticks after the boot.
    var start: String

    static func own() -> ProcessMark {
        let number = ProcessInfo.processInfo.processIdentifier
        return ProcessMark(host: ProcessInfo.processInfo.hostName, number: number, start: start(of: number) ?? "")
    }

    /// nil where that is another host's matter.
    var isAlive: Bool? {
        guard host == ProcessInfo.processInfo.hostName else { return nil }
        return Self.start(of: number) == start
    }

    /// The 22nd field of `/proc/N/stat`; the second, a name in parentheses, may hold anything.
    private static func start(of process: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        return fields.count > 20 ? String(fields[20]) : nil
    }
}
