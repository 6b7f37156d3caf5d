import Evaluation
import Files
import Foundation
import Records
import Storage

extension VerifiedJob {
    /// What has no digest anywhere, because it is added to or differs between equal runs: it has to be what it should be, and
    /// its content is believed.
    mutating func readUnsealed(_ root: URL, _ paths: inout VerifyPaths) {
        readAudit(root, &paths)
        readDecisions(root, &paths)
        readFaithfulness(root, &paths)
    }

    /// What is not of the prediction that is there now is passed over wherever it is read.
    private mutating func readFaithfulness(_ root: URL, _ paths: inout VerifyPaths) {
        let folder = JobLayout.Folder.faithfulness.rawValue
        for path in readable(below: folder, ending: ".json", &paths) {
            let file = root.appending(path: path)
            do {
                // A slide of that name lies in a folder of its own.
                if path.hasSuffix("/\(JobLayout.faithfulnessSummaryName)"), !path.contains("/slides/") {
                    _ = try CanonicalJSON.read(FaithfulnessSummary.self, from: file)
                } else {
                    _ = try CanonicalJSON.read(SlideFaithfulness.self, from: file)
                }
                // It is counted with what is made anew.
                if entries.kinds[path] != .link { records.remove(path) }
            } catch {
                let remedy = "remove it; wsi evaluate --faithfulness makes it again"
                findings.append(VerifyFinding(error, reading: path, stage: folder, remedy: remedy))
            }
        }
    }

    private mutating func readAudit(_ root: URL, _ paths: inout VerifyPaths) {
        let audit = JobLayout.Folder.audit.rawValue
        // Each knows by itself whether it was changed, and is passed over then.
        _ = readable(below: "\(audit)/\(JobLayout.AuditFolder.seen.rawValue)", ending: ".tsv", &paths)
        for path in readable(below: audit, ending: ".json", &paths) {
            let file = root.appending(path: path)
            let parts = path.dropFirst(prefix.count).split(separator: "/")
            let folder = parts.dropFirst().first.flatMap { JobLayout.AuditFolder(rawValue: String($0)) }
            do {
                switch (parts.count, folder) {
                case (3, .runs): _ = try CanonicalJSON.read(RunRecord.self, from: file)
                case (3, .slides): _ = try CanonicalJSON.read(SlidePaths.self, from: file)
                case (3, .features): _ = try CanonicalJSON.read(FeaturePaths.self, from: file)
                case (3..., .predictions): _ = try CanonicalJSON.read(PredictionSources.self, from: file)
                case (2, nil) where parts[1] == FeaturePaths.fileOfBefore:
                    _ = try CanonicalJSON.read(FeaturePaths.self, from: file)
                default: records.remove(path)
                }
            } catch {
                let isTable = folder == .slides
                let remedy = isTable ? "remove it, and name the slides to wsi tile again" : "remove it"
                findings.append(VerifyFinding(error, reading: path, stage: audit, remedy: remedy))
            }
        }
    }

    /// The members that a decision of any version has.
    private struct Decision: Decodable {
        var slide: SlideID
        var reviewer: String
        var time: String
        var verdict: String
    }

    private mutating func readDecisions(_ root: URL, _ paths: inout VerifyPaths) {
        let review = JobLayout.Folder.review.rawValue
        for path in readable(below: JobLayout.decisionsPath, ending: ".jsonl", &paths) {
            let name = String(path.split(separator: "/").last ?? "").dropLast(".jsonl".count)
            do {
                let lines = try RegularFile.data(root.appending(path: path))
                    .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                for (number, line) in zip(1..., lines) where !line.isEmpty {
                    guard let fault = Self.fault(in: line, of: String(name)) else { continue }
                    let text = "line \(number) \(fault)"
                    let remedy = "look at it; the page and reports leave it out"
                    findings.append(VerifyFinding(.damaged, .file, path, stage: review, text, remedy: remedy))
                }
            } catch { findings.append(VerifyFinding(error, reading: path, stage: review)) }
        }
    }

    private static func fault(in line: Data, of slide: String) -> String? {
        guard let decision = try? JSONDecoder().decode(Decision.self, from: line) else { return "is no decision" }
        return decision.slide.text == slide ? nil : "is a decision about \(decision.slide)"
    }
}
