public import Records

/// What `wsi verify` tells of a job.
public struct VerifyReport: Codable, Equatable, Sendable {
    public struct Counts: Codable, Equatable, Sendable {
        /// Records, and what they name.
        public var files = 0
        /// Slides of which the job has results.
        public var slides = 0
        public var asRecorded = 0
        public var damaged = 0
        public var missing = 0
        public var contradictory = 0
        public var refused = 0
        public var unreadable = 0
        public var orphans = 0
        public var strangers = 0
        /// What `wsi evaluate` and `wsi cohort` make anew, without a record.
        public var made = 0
        /// Of the files that were compared.
        public var bytes = 0

        enum CodingKeys: String, CodingKey {
            case files, slides
            case asRecorded = "as_recorded"
            case damaged, missing, contradictory, refused, unreadable, orphans, strangers, made, bytes
        }
    }

    /// Results of a stage that are as recorded and older than what they follow from.
    public struct Stale: Codable, Equatable, Sendable {
        public var stage: String
        public var units: [SlideID]
    }

    public var counts = Counts()
    /// Faults first, then orphans and strangers; each by path.
    public var findings: [VerifyFinding] = []
    public var stale: [Stale] = []
    /// What could not be compared, and why.
    public var notes: [String] = []

    /// - Parameter strict: whether orphans and strangers are faults too.
    public func exitStatus(strict: Bool) -> ExitStatus {
        ExitStatus.worst(
            findings.compactMap { finding in
                if finding.kind.isFault { return finding.code.exitStatus }
                return strict ? .integrity : nil
            }
        )
    }

    /// What makes again what is not as recorded: each way once, with the number of files that it mends.
    public var remedies: [(text: String, files: Int)] {
        var order: [String] = []
        var files: [String: Set<String>] = [:]
        for finding in findings {
            guard finding.kind.isFault, let remedy = finding.remedy else { continue }
            if files[remedy] == nil { order.append(remedy) }
            files[remedy, default: []].insert(finding.path)
        }
        return order.map { ($0, files[$0]?.count ?? 0) }
    }

    /// `verify: 1,234 files of 40 slides: 1,232 as recorded, 1 damaged, 1 missing, 2 orphans, 0 strangers`
    public var summary: String {
        func some(_ count: Int, _ one: String, _ several: String? = nil) -> String {
            "\(Throughput.grouped(count)) \(count == 1 ? one : several ?? one)"
        }
        let rare = [
            (counts.contradictory, "contradictory"), (counts.refused, "refused"), (counts.unreadable, "unreadable"),
        ]
        let parts =
            [
                some(counts.asRecorded, "as recorded"), some(counts.damaged, "damaged"),
                some(counts.missing, "missing"),
            ] + rare.filter { $0.0 > 0 }.map { some($0.0, $0.1) } + [
                some(counts.orphans, "orphan", "orphans"), some(counts.strangers, "stranger", "strangers"),
            ]
        let made = Throughput.grouped(counts.made)
        let unrecorded = counts.made > 0 ? ["made by wsi evaluate or wsi cohort, without a record: \(made)"] : []
        return "verify: \(some(counts.files, "file", "files")) of \(some(counts.slides, "slide", "slides")): "
            + (parts + unrecorded).joined(separator: ", ")
    }
}
