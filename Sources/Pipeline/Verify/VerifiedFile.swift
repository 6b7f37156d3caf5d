import Files
import Foundation
import Records
import Storage

/// A file after it was compared with all that records say of it.
struct VerifiedFile: Sendable {
    var path: String
    private(set) var findings: [VerifyFinding] = []
    /// Quick digest; nil where it could not be told.
    private(set) var digest: String?
    private(set) var bytes = 0
    /// HDF5 whose record has a fingerprint, and which carries none itself.
    private(set) var lacksFingerprint = false
    /// No record gives its size.
    private(set) var lacksSize = false

    var isAsRecorded: Bool { digest != nil && findings.isEmpty }

    private init(path: String) { self.path = path }

    /// - Parameters:
    ///   - path: relative to the job.
    ///   - claims: all that are of this path.
    ///   - root: of the job.
    init(_ path: String, _ claims: [VerifyClaim], in root: URL) {
        self.init(path: path)
        compare(claims, root.appending(path: path))
        // A command that runs meanwhile may have replaced both the file and its record.
        guard !findings.isEmpty, let fresh = claims.reread(in: root) else { return }
        self.init(path: path)
        compare(fresh, root.appending(path: path))
    }

    private mutating func compare(_ claims: [VerifyClaim], _ file: URL) {
        guard let first = claims.first else { return }
        switch RegularFile.kind(of: file.path) {
        case .regular(let size): bytes = size
        case .folder: return add(.damaged, first, "is a folder, no file")
        case .other(let kind): return add(.damaged, first, "is \(kind), no file")
        case .none(let code) where [ENOENT, ENOTDIR].contains(code): return add(.missing, first, "is gone")
        case .none(let code):
            return add(StorageError.system(path: file.path, call: "look", errno: code), first)
        }
        let (own, others): ([VerifyClaim], [VerifyClaim])
        do {
            let fits = try fitting(file, claims)
            (own, others) = (claims.filter(fits), claims.filter { !fits($0) })
        } catch { return add(error, first) }
        guard let known = own.first else {
            let size = claims.compactMap(\.size).first { $0 != bytes }
            let change = size.map { "has \(bytes) bytes, of \($0) that were written" }
            return add(.damaged, first, change ?? "is not what was written", redo: change == nil)
        }
        for other in others {
            add(.contradictory, other, "\(other.record) has another digest of it than \(known.record)")
        }
        for claim in own {
            guard let size = claim.size, size != bytes else { continue }
            add(.contradictory, claim, "has the digest on record and \(bytes) bytes; \(claim.record) tells of \(size)")
        }
        lacksSize = own.contains { $0.output != nil } && own.allSatisfy { $0.size == nil }
        // Only of a file that is what was written: libhdf5 is not to be trusted with others.
        if let claim = own.first(where: { $0.fingerprint != nil }) { compareFingerprint(claim, file) }
    }

    /// Whether a claim fits the content.
    private mutating func fitting(_ file: URL, _ claims: [VerifyClaim]) throws -> (VerifyClaim) -> Bool {
        let quick = try Digest.quick(fileAt: file)
        digest = quick
        guard bytes > Digest.wholeUpTo, claims.contains(where: \.isWhole) else { return { $0.digest == quick } }
        let whole = try Digest.sha256(fileAt: file)
        return { $0.digest == ($0.isWhole ? whole : quick) }
    }

    private mutating func compareFingerprint(_ claim: VerifyClaim, _ file: URL) {
        do {
            guard let carried = try HDF5Fingerprint.carried(by: file) else { return lacksFingerprint = true }
            guard carried != claim.fingerprint else { return }
            add(.contradictory, claim, "the fingerprint in the file is not that of \(claim.record)")
        } catch let error as StorageError where error.code == .file {
            add(.contradictory, claim, "\(claim.record) tells of an HDF5 file, which it is not (\(error.message))")
        } catch { add(error, claim) }
    }

    /// - Parameter redo: whether the file looks as it is recorded, so that it is not made again by itself.
    private mutating func add(_ kind: VerifyFinding.Kind, _ claim: VerifyClaim, _ text: String, redo: Bool = false) {
        let code = kind == .contradictory ? ErrorCode.mismatch : .digest
        let isHidden = (redo || kind == .contradictory) && claim.stage.kind?.isMadeAnew != true
        let (stage, remedy) = (claim.stage.text, claim.remedy + (isHidden ? " --redo" : ""))
        findings.append(VerifyFinding(kind, code, path, stage: stage, unit: claim.unit, text, remedy: remedy))
    }

    private mutating func add(_ error: any Error, _ claim: VerifyClaim) {
        findings.append(VerifyFinding(error, reading: path, stage: claim.stage.text, unit: claim.unit))
    }
}
