import Files
import Foundation
import Records
import Storage

/// One run of one or more stages, `JOB/audit/runs/…json`: begun, and ended with what it measured.
struct RunRecord: Codable, Equatable, Sendable {
    /// Of one run: several where encoders share the pass over the slides.
    var stages: [StageName]
    var process: ProcessMark
    /// UTC, `2026-05-01T12:00:00Z`.
    var began: String
    /// nil while it runs, and for ever where it was killed.
    var ended: String?
    var workers: Int
    /// Units that were not done when it began.
    var units: Int
    var throughput: Throughput?

    static func folder(_ layout: JobLayout) -> URL { layout.audit(.runs) }

    /// Every record of a job that can be read, the oldest first.
    static func all(in layout: JobLayout) throws -> [RunRecord] { try read(in: layout).records }

    /// With the names of those that cannot be read, which tell of nothing that anything is made of.
    static func read(in layout: JobLayout) throws -> (records: [RunRecord], unreadable: [String]) {
        let folder = folder(layout)
        let names = try FolderWalk.names(in: folder).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
        let read = try names.concurrentMap { try? CanonicalJSON.read(RunRecord.self, from: folder.appending(path: $0)) }
        let unreadable = zip(names, read).filter { $1 == nil }.map(\.0)
        return (read.compactMap(\.self).sorted { $0.began < $1.began }, unreadable.sorted())
    }

    static func now() -> String { Date().ISO8601Format() }
}
