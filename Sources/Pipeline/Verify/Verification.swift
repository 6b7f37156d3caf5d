public import Foundation
public import Records
import Storage
import Synchronization

/// `wsi verify`: every file of a job beside what is on record of it, and every record beside its file. Reads, and writes
/// nothing.
public struct Verification: Sendable {
    public var layout: JobLayout
    /// Whether the slides themselves are compared too.
    public var slides: Bool
    /// Folders outside of the job that links in it may lead into.
    public var following: [URL]

    public init(layout: JobLayout, slides: Bool = false, following: [URL] = []) {
        self.layout = layout
        self.slides = slides
        self.following = following
    }

    /// - Throws: `Failure` with `.notFound` for a folder without a record: there is nothing to compare with.
    public func run(progress: @escaping ProgressSink) throws -> VerifyReport {
        let root = layout.root
        let entries = VerifyEntries(root)
        var paths = VerifyPaths(root, following: following)
        var found = entries.faults
        var jobs: [VerifiedJob] = []
        for prefix in [""] + Set(entries.kinds.keys.map(VerifyLayout.prefix)).subtracting([""]).sorted() {
            var job = try VerifiedJob(root, prefix: prefix, entries, &paths)
            job.readUnsealed(root, &paths)
            jobs.append(job)
        }
        guard let own = jobs.first, !own.isEmpty || !entries.faults.isEmpty else {
            let text = "no records here: this is no job, or its folders outcomes and training are lost"
            throw Failure(.notFound, root.path, text)
        }
        found += jobs.flatMap(\.findings)
        let claims = Dictionary(grouping: jobs.flatMap(\.claims), by: \.path)
        var safe: [(path: String, claims: [VerifyClaim])] = []
        for (path, own) in claims.sorted(by: { $0.key < $1.key }) {
            if let fault = paths.fault(of: path) {
                found += own.prefix(1).map { claim in
                    let text = "\(claim.record) names it: \(fault); nothing there was read"
                    return VerifyFinding(.refused, .unsafeID, path, stage: claim.stage.text, unit: claim.unit, text)
                }
            } else {
                safe.append((path, own))
            }
        }
        let placed = slides ? VerifySlides(jobs) : nil
        let told = Told(entries, safe.map(\.path), slides: placed?.slides.count ?? 0, progress)
        let files = try safe.concurrentMap(atOnce: 1) { [told] path, claims in
            let file = VerifiedFile(path, claims, in: root)
            told.finished(path, file.bytes)
            return file
        }
        found += files.flatMap(\.findings)
        let byPath = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
        for job in jobs { found += try job.compareWeights(byPath) }
        var report = VerifyReport()
        report.notes = jobs.flatMap(\.notes) + notes(files) + (try running(jobs))
        if let placed {
            found += try placed.slides.concurrentMap(atOnce: 1) { [told] slide in
                defer { told.finished(slide.unit.text, 0) }
                return placed.finding(slide)
            }
            .compactMap(\.self)
            if !placed.unknown.isEmpty {
                let names = placed.unknown.map(\.text).sorted().shortened
                report.notes.append("where \(placed.unknown.count) slide(s) lie is not on record: \(names)")
            }
            if !placed.remote.isEmpty {
                let names = placed.remote.map(\.text).sorted().shortened
                report.notes.append(
                    "\(placed.remote.count) slide(s) lie where only a client gets them: not compared: \(names)"
                )
            }
        }
        let known = jobs.reduce(into: Set(claims.keys)) { $0.formUnion($1.records) }
        let orphans = jobs.reduce(into: [:]) { $0.merge($1.orphans) { $1 } }
        let unnamed = entries.kinds.filter { !known.contains($0.key) }
        let made = unnamed.filter { path, kind in kind != .link && VerifyLayout.isMadeAnew(path) }
        found += unnamed.filter { made[$0.key] == nil }.map { path, kind in
            let isOurs = kind != .link && VerifyLayout.isOurs(path)
            let text = orphans[path] ?? VerifyLayout.words(path, kind)
            return VerifyFinding(isOurs ? .orphan : .stranger, .file, path, text)
        }
        report.fill(found, files: known, slides: placed?.slides.map(\.path) ?? [])
        report.counts.made = made.count
        report.counts.slides = Self.slides(of: jobs)
        report.counts.bytes = files.reduce(0) { $0 + $1.bytes }
        report.stale = jobs.flatMap { $0.stale() }
        return report
    }

    /// Units of trainings are folds.
    private static func slides(of jobs: [VerifiedJob]) -> Int {
        let stages = jobs.flatMap(\.outcomes).filter { stage, _ in
            stage.kind.map { $0.unit == .slide } ?? true
        }
        return Set(stages.flatMap(\.value.keys)).count
    }

    private func notes(_ files: [VerifiedFile]) -> [String] {
        let (bare, unsized) = (files.filter(\.lacksFingerprint), files.count(where: \.lacksSize))
        var notes: [String] = []
        if !bare.isEmpty {
            let names = bare.map(\.path).shortened
            notes.append("\(bare.count) HDF5 file(s) carry no fingerprint to compare with their record: \(names)")
        }
        if unsized > 0 { notes.append("of \(unsized) file(s) no record gives the size; their digests were compared") }
        return notes
    }

    private func running(_ jobs: [VerifiedJob]) throws -> [String] {
        let records = try jobs.flatMap { try RunRecord.all(in: $0.layout) }.filter { $0.ended == nil }
        return records.filter { $0.process.isAlive == true }.map { record in
            "process \(record.process.number) works on \(record.stages.map(\.text).joined(separator: " and ")) here: what it writes "
                + "meanwhile may be told as damaged or orphan; verify again when it has ended"
        }
    }
}

extension VerifyReport {
    /// - Parameters:
    ///   - files: records and what they name.
    ///   - slides: the paths of those that were compared too.
    fileprivate mutating func fill(_ found: [VerifyFinding], files: Set<String>, slides: [String]) {
        // What is damaged also contradicts its records: that is one fault.
        let damaged = Set(found.filter { $0.kind == .damaged }.map(\.path))
        let told = found.filter { $0.kind != .contradictory || !damaged.contains($0.path) }
        let order = VerifyFinding.Kind.allCases
        func rank(_ finding: VerifyFinding) -> Int { order.firstIndex(of: finding.kind) ?? order.count }
        findings = told.sorted { one, other in
            if one.kind.isFault != other.kind.isFault { return one.kind.isFault }
            return (one.path, rank(one), one.message) < (other.path, rank(other), other.message)
        }
        var worst: [String: VerifyFinding.Kind] = [:]
        for finding in findings.sorted(by: { rank($0) < rank($1) }) where finding.kind.isFault {
            worst[finding.path] = worst[finding.path] ?? finding.kind
        }
        func count(_ kind: VerifyFinding.Kind) -> Int { worst.values.count { $0 == kind } }
        counts.files = files.union(slides).union(worst.keys).count
        counts.asRecorded = counts.files - worst.count
        (counts.damaged, counts.missing) = (count(.damaged), count(.missing))
        (counts.contradictory, counts.refused) = (count(.contradictory), count(.refused))
        counts.unreadable = count(.unreadable)
        counts.orphans = findings.count { $0.kind == .orphan }
        counts.strangers = findings.count { $0.kind == .stranger }
    }
}

/// Tells how far the comparison is.
private final class Told: Sendable {
    private let progress: ProgressSink
    private let bytes = Mutex(0)

    init(_ entries: VerifyEntries, _ paths: [String], slides: Int, _ progress: @escaping ProgressSink) {
        self.progress = progress
        let bytes = paths.reduce(0) { sum, path in
            guard case .file(let bytes) = entries.kinds[path] else { return sum }
            return sum + bytes
        }
        progress(.began(stage: "verify", units: paths.count + slides, done: 0))
        // Slides are of unlike size, and only parts of them are read.
        if slides == 0 { progress(.planned(amount: bytes >> 20, of: "MiB")) }
    }

    func finished(_ name: String, _ size: Int) {
        let whole = bytes.withLock { bytes in
            let before = bytes >> 20
            bytes += size
            return bytes >> 20 - before
        }
        if whole > 0 { progress(.advanced(amount: whole, of: "MiB")) }
        progress(.finished(unit: name, failure: nil))
    }
}
