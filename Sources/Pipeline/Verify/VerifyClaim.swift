import Files
import Foundation
import Records
import Storage

/// What a record says of one file of the job.
struct VerifyClaim: Sendable {
    /// Relative to the whole job.
    var path: String
    var digest: String
    /// Whether that is the SHA-256 of every byte, not the quick digest.
    var isWhole = false
    /// nil in records of earlier versions.
    var size: Int?
    /// The `wsi_fingerprint` that the file itself must carry; nil where files of its kind carry none.
    var fingerprint: String?
    var stage: StageName
    /// The slide, or the fold.
    var unit: String
    /// The file of the record, relative to the whole job.
    var record: String
    /// Where the record is an outcome: the output, as it has it.
    var output: String?
    /// What makes the file again.
    var remedy: String
}

extension [VerifyClaim] {
    /// The claims as their outcomes have them by now, without those that are gone; nil where all are unchanged.
    func reread(in root: URL) -> [VerifyClaim]? {
        let fresh = compactMap { claim -> VerifyClaim? in
            let record = root.appending(path: claim.record)
            guard let output = claim.output else { return claim }
            guard let outcome = try? Outcome.read(record) else {
                return (try? RegularFile.exists(record)) == false ? nil : claim
            }
            guard let digest = outcome.outputs[output] else { return nil }
            var fresh = claim
            (fresh.digest, fresh.size) = (digest, outcome.sizes?[output])
            if claim.fingerprint != nil { fresh.fingerprint = try? CanonicalJSON.fingerprint(outcome.fingerprint) }
            return fresh
        }
        let isSame = fresh.count == count && zip(fresh, self).allSatisfy { $0.digest == $1.digest }
        return isSame ? nil : fresh
    }
}
