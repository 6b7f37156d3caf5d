import Files
import Foundation
import Synchronization

/// To which slide a file belongs, and where in it.
struct DICOMMember: Sendable {
    let pyramid: String
    private let size: (columns: Int, rows: Int)
    private let part: (of: String, offset: Int, instance: String)

    init(_ header: DICOMHeader) {
        pyramid = header.pyramidKey
        size = (header.totalColumns, header.totalRows)
        part = (header.concatenation, header.concatenationOffset, header.instance)
    }

    /// Of a pyramid's files: level 0 first, parts in their order, the same wherever they lie.
    static func isBefore(_ one: DICOMMember, _ other: DICOMMember) -> Bool {
        if one.size != other.size { return one.size > other.size }
        return one.part < other.part
    }
}

/// What the files of a folder say of where they belong. A folder is gone through for each of its slides, and each header is read
/// once, for as long as its file stays the same.
final class DICOMHeaders: Sendable {
    enum Reading: Sendable {
        /// No DICOM, or nothing that is opened.
        case none
        case member(DICOMMember)
        /// DICOM that is no level of a slide.
        case other
        /// Begins as DICOM does and cannot be read on.
        case broken
        /// Why the machine does not give it: it may belong to any slide.
        case unread(StorageError)
    }

    private struct Known {
        var recent: [FileFacts: Reading] = [:]
        /// Those before, of which what is asked for again becomes recent.
        var older: [FileFacts: Reading] = [:]
        var reads = 0
    }

    static let shared = DICOMHeaders()

    private let known = Mutex(Known())
    private let limit: Int
    private let settling: Int64

    /// - Parameters:
    ///   - limit: half of how many are kept.
    ///   - settling: nanoseconds for which a file is not known after it was changed: file systems tell times no finer than that, so
    ///     that another change might not show.
    init(limit: Int = 16_384, settling: Int64 = 2_000_000_000) { (self.limit, self.settling) = (limit, settling) }

    /// How many headers were read so far.
    var reads: Int { known.withLock { $0.reads } }

    func reading(_ url: URL) -> Reading {
        let path = url.path
        guard let facts = FileFacts(path) else { return Self.missing(path) }
        guard facts.isRegular else { return .none }
        if let found = known.withLock({ find(facts, &$0) }) { return found }
        let reading = Self.read(url)
        let isSettled = Int64(Date.now.timeIntervalSince1970 * 1e9) &- facts.changed >= settling
        known.withLock { known in
            known.reads += 1
            if case .unread = reading { return }
            if isSettled, FileFacts(path) == facts { keep(reading, facts, &known) }
        }
        return reading
    }

    private func find(_ facts: FileFacts, _ known: inout Known) -> Reading? {
        if let found = known.recent[facts] { return found }
        guard let found = known.older[facts] else { return nil }
        keep(found, facts, &known)
        return found
    }

    private func keep(_ reading: Reading, _ facts: FileFacts, _ known: inout Known) {
        if known.recent.count >= limit { (known.older, known.recent) = (known.recent, [:]) }
        known.recent[facts] = reading
    }

    /// A link that leads nowhere may have been to a part of a slide; other files that cannot be looked at are gone by now, or may be
    /// one too.
    private static func missing(_ path: String) -> Reading {
        guard case .none(let code) = RegularFile.kind(of: path) else { return .none }
        let isGone = code == ENOENT && RegularFile.entry(path) != .link
        return isGone ? .none : .unread(.system(path: path, call: "look", errno: code))
    }

    private static func read(_ url: URL) -> Reading {
        do {
            guard let header = try StorageError.retrying({ try DICOMHeader(OpenFile(url)) }) else { return .none }
            let isOther = DICOMTransferSyntax.isWalked(header.transferSyntax) && header.otherKind != nil
            return isOther ? .other : .member(DICOMMember(header))
        } catch let error as StorageError { return .unread(error) } catch { return .broken }
    }
}
