import Files
import Foundation
import Records
import Storage

/// The records of one job folder, the whole job or that of finer maps inside of it, and what they say of files.
struct VerifiedJob {
    let layout: JobLayout
    /// Of this folder in the whole job: nothing, or `finer/NAME/`.
    let prefix: String
    let entries: VerifyEntries
    /// By stage and unit; those that could be read.
    private(set) var outcomes: [StageName: [UnitID: Outcome]] = [:]
    var claims: [VerifyClaim] = []
    var findings: [VerifyFinding] = []
    /// The files that are records, relative to the whole job.
    var records: Set<String> = []
    /// Records of what is no more, each with why.
    var orphans: [String: String] = [:]
    var notes: [String] = []
    private var commands: [StageName: String] = [:]
    private let lineage: Lineage

    /// - Parameters:
    ///   - root: of the whole job.
    ///   - paths: asked before a link is followed.
    init(_ root: URL, prefix: String, _ entries: VerifyEntries, _ paths: inout VerifyPaths) throws {
        layout = JobLayout(root: prefix.isEmpty ? root : root.appending(path: String(prefix.dropLast())))
        (self.prefix, self.entries) = (prefix, entries)
        lineage = Lineage(layout)
        try readOutcomes(root, &paths)
        readTrainings()
    }

    /// Whether there is nothing to compare files with.
    var isEmpty: Bool { outcomes.isEmpty && claims.isEmpty && findings.isEmpty }

    /// What makes the results of a stage again.
    mutating func remedy(_ stage: StageName) -> String {
        if let known = commands[stage] { return known }
        // What predictions took from elsewhere may be told in a table that cannot be read, which is a finding of its own.
        let remedy = "run \((try? lineage.command(of: stage)) ?? layout.command(of: stage))"
        commands[stage] = remedy
        return remedy
    }

    /// The paths of records, relative to the whole job, that may be read.
    mutating func readable(below folder: String, ending: String, _ paths: inout VerifyPaths) -> [String] {
        let all = entries.paths(below: prefix + folder, ending: ending)
        records.formUnion(all)
        return all.filter { path in
            guard entries.kinds[path] == .link, let fault = paths.fault(of: path) else { return true }
            findings.append(VerifyFinding(.refused, .unsafeID, path, "\(fault); it was not read"))
            return false
        }
    }

    private mutating func readOutcomes(_ root: URL, _ paths: inout VerifyPaths) throws {
        let folder = JobLayout.Folder.outcomes.rawValue
        let files = readable(below: folder, ending: ".json", &paths)
        let read = try files.concurrentMap { path in
            Result { try Outcome.read(root.appending(path: path)) }
        }
        for (path, result) in zip(files, read) {
            let place = path.dropFirst(prefix.count + folder.count + 1)
            let name = String(place.split(separator: "/").last ?? "")
            let stage = StageName(String(place.dropLast(name.count + 1)))
            let unit = String(name.dropLast(".json".count))
            do {
                let outcome = try result.get()
                guard outcome.unit.text == unit, outcome.stage == stage else {
                    findings.append(
                        VerifyFinding(
                            .contradictory,
                            .mismatch,
                            path,
                            stage: stage.text,
                            unit: unit,
                            "is the outcome of \(outcome.unit) in \(outcome.stage)",
                            remedy: "remove it, and \(remedy(stage))"
                        )
                    )
                    continue
                }
                outcomes[stage, default: [:]][outcome.unit] = outcome
                try claim(outcome, path)
            } catch {
                let remedy = remedy(stage)
                findings.append(VerifyFinding(error, reading: path, stage: stage.text, unit: unit, remedy: remedy))
            }
        }
    }

    private mutating func claim(_ outcome: Outcome, _ record: String) throws {
        let remedy = remedy(outcome.stage)
        let fingerprint = try CanonicalJSON.fingerprint(outcome.fingerprint)
        let isCarried = outcome.stage.kind?.carriesFingerprint == true
        for (output, digest) in outcome.outputs {
            claims.append(
                VerifyClaim(
                    path: output.hasPrefix("/") ? output : prefix + output,
                    digest: digest,
                    size: outcome.sizes?[output],
                    fingerprint: isCarried && output.hasSuffix(".h5") ? fingerprint : nil,
                    stage: outcome.stage,
                    unit: outcome.unit.text,
                    record: record,
                    output: output,
                    remedy: remedy
                )
            )
        }
        // The parts of slides that finer maps were asked for, which lie in their job.
        guard !prefix.isEmpty, outcome.stage == .tile, let digest = outcome.fingerprint[.regions]
        else {
            return
        }
        claims.append(
            VerifyClaim(
                path: "\(prefix)\(JobLayout.Folder.regions.rawValue)/\(outcome.unit.text).geojson",
                digest: digest,
                isWhole: true,
                stage: outcome.stage,
                unit: outcome.unit.text,
                record: record,
                remedy: remedy + " --redo"
            )
        )
    }
}
