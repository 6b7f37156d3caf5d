public import Files
public import Foundation
import Records

/// The slides among the DICOM files of one folder: which files are one pyramid, by what stands in them.
///
/// Headers are read, and of them a closed list (`DICOMTag`); names of files mean nothing.
public struct DICOMFolder: Sendable {
    /// The files of one pyramid.
    public struct Pyramid: Equatable, Sendable {
        /// The first part of level 0 is the first.
        public let files: [URL]
        /// Orders the pyramids of a folder, wherever it lies.
        let key: String
    }

    /// In the order of their UIDs.
    public private(set) var pyramids: [Pyramid] = []
    /// Files that begin as DICOM does and cannot be read on.
    public private(set) var broken: [URL] = []
    /// Labels, overviews, and images that are no slides.
    public private(set) var others: [URL] = []

    /// Files that may be DICOM and that the machine does not give, and why: each may be a part of any slide.
    public private(set) var unread: [(file: URL, error: StorageError)] = []

    /// - Throws: `StorageError` where the machine does not give the folder.
    public init(_ folder: URL) throws(StorageError) { try self.init(folder, .shared) }

    init(_ folder: URL, _ headers: DICOMHeaders) throws(StorageError) {
        let names = try FolderWalk.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
        var members: [String: [(member: DICOMMember, file: URL)]] = [:]
        for url in names.map({ folder.appending(path: $0) }) where Self.mayBeDICOM(url) {
            switch headers.reading(url) {
            case .none: continue
            case .member(let member): members[member.pyramid, default: []].append((member, url))
            case .other: others.append(url)
            case .broken: broken.append(url)
            case .unread(let error): unread.append((url, error))
            }
        }
        pyramids = members.sorted { $0.key < $1.key }.map { key, members in
            Pyramid(files: members.sorted { DICOMMember.isBefore($0.member, $1.member) }.map(\.file), key: key)
        }
    }

    /// Whether a file is DICOM, whatever its name; false where it cannot be looked at.
    public static func isDICOM(_ url: URL) -> Bool {
        guard mayBeDICOM(url), case .regular = RegularFile.kind(of: url.path) else { return false }
        return (try? DICOMHeader.isDICOM(OpenFile(url))) ?? false
    }

    /// The files of the pyramid that a path names: one of its files, or the folder of one pyramid.
    /// - Returns: nil where there is no DICOM.
    /// - Throws: `StorageError`, that of another file which may be a part of the slide too; `.malformed` for a folder with several
    ///   pyramids.
    static func files(ofSlideAt url: URL) throws(StorageError) -> [URL]? {
        if let told = told(url) { return told }
        if RegularFile.kind(of: url.path) == .folder {
            let folder = try DICOMFolder(url)
            guard folder.pyramids.count <= 1 else {
                throw .malformed(path: url.path, reason: "a folder with \(folder.pyramids.count) DICOM slides")
            }
            if let pyramid = folder.pyramids.first {
                if let unread = folder.unread.first { throw unread.error }
                return pyramid.files
            }
            // Of a folder without a slide its first DICOM file says why.
            let unread = folder.unread.map(\.file).filter { SlideFormat.of(ending: $0.pathExtension) == .dicom }
            return (folder.broken + folder.others + unread).first.map { [$0] }
        }
        guard isDICOM(url) else { return nil }
        // Links to single files of a slide do not take its other files along; links to each of them do.
        var places = [url]
        let target = url.resolvingSymlinksInPath()
        if target.path != url.path { places.append(target) }
        var found = [url]
        for place in places {
            let folder = try DICOMFolder(place.deletingLastPathComponent())
            let files = folder.pyramids.map(\.files).first { $0.contains { RegularFile.areSame($0.path, place.path) } }
            guard let files else { continue }
            if let unread = folder.unread.first { throw unread.error }
            if files.count > found.count || found == [url] && files.count == 1 && place == url { found = files }
        }
        return found
    }

    /// Names of the files beside a slide in DICOM that begin as DICOM does and cannot be read on; none for other slides.
    /// - Throws: `StorageError` where the machine does not give the folder.
    public static func damagedNeighbours(ofSlideAt url: URL) throws(StorageError) -> [String] {
        let isFolder = RegularFile.kind(of: url.path) == .folder
        guard isFolder || isDICOM(url) else { return [] }
        return try DICOMFolder(isFolder ? url : url.deletingLastPathComponent()).broken.map(\.lastPathComponent)
    }

    /// What a laboratory calls the glass of a slide; nil where the file does not say, or is no DICOM.
    /// - Throws: `StorageError`.
    public static func container(_ url: URL) throws(StorageError) -> String? {
        guard isDICOM(url) else { return nil }
        return try reading(url) { try DICOMHeader.container($0) }.map(\.self) ?? nil
    }

    /// Names that are another format's are left alone.
    private static func mayBeDICOM(_ url: URL) -> Bool {
        guard let format = SlideFormat.of(ending: url.pathExtension) else { return true }
        return format == .dicom
    }

    private static func reading<Value>(_ url: URL, _ body: (OpenFile) throws -> Value?) throws(StorageError) -> Value? {
        do { return try StorageError.retrying { try body(OpenFile(url)) } } catch let error as StorageError {
            throw error
        } catch { return nil }
    }
}
