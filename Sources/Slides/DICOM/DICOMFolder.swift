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

    /// - Throws: `StorageError` where the machine does not give the folder or a file's header.
    public init(_ folder: URL) throws(StorageError) {
        let names = try FolderWalk.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
        try self.init(files: names.map { folder.appending(path: $0) })
    }

    private init(files: [URL]) throws(StorageError) {
        var members: [String: [(header: DICOMHeader, file: URL)]] = [:]
        for url in files where Self.mayBeDICOM(url) {
            guard case .regular = RegularFile.kind(of: url.path) else { continue }
            switch try Self.header(url) {
            case .failure: broken.append(url)
            case .success(nil): continue
            case .success(let header?):
                if DICOMTransferSyntax.isWalked(header.transferSyntax), header.otherKind != nil {
                    others.append(url)
                } else {
                    members[header.pyramidKey, default: []].append((header, url))
                }
            }
        }
        pyramids = members.sorted { $0.key < $1.key }.map { key, members in
            Pyramid(files: members.sorted { DICOMHeader.isBefore($0.header, $1.header) }.map(\.file), key: key)
        }
    }

    /// Whether a file is DICOM, whatever its name; false where it cannot be looked at.
    public static func isDICOM(_ url: URL) -> Bool {
        guard mayBeDICOM(url), case .regular = RegularFile.kind(of: url.path) else { return false }
        return (try? DICOMHeader.isDICOM(OpenFile(url))) ?? false
    }

    /// The files of the pyramid that a path names: one of its files, or the folder of one pyramid.
    /// - Returns: nil where there is no DICOM.
    /// - Throws: `StorageError`, `.malformed` for a folder with several pyramids.
    static func files(ofSlideAt url: URL) throws(StorageError) -> [URL]? {
        if RegularFile.kind(of: url.path) == .folder {
            let folder = try DICOMFolder(url)
            // Of a folder without a slide its first DICOM file says why.
            guard folder.pyramids.count > 1 else {
                return folder.pyramids.first?.files ?? (folder.broken + folder.others).first.map { [$0] }
            }
            throw .malformed(path: url.path, reason: "a folder with \(folder.pyramids.count) DICOM slides")
        }
        guard isDICOM(url) else { return nil }
        // Links to single files of a slide do not take its other files along; links to each of them do.
        var places = [url]
        let target = url.resolvingSymlinksInPath()
        if target.path != url.path { places.append(target) }
        var found = [url]
        for place in places {
            let files = try DICOMFolder(place.deletingLastPathComponent()).pyramids.map(\.files)
                .first { $0.contains { RegularFile.areSame($0.path, place.path) } }
            if let files, files.count > found.count || found == [url] && files.count == 1 && place == url {
                found = files
            }
        }
        return found
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

    private static func header(_ url: URL) throws(StorageError) -> Result<DICOMHeader?, SlideFault> {
        do { return .success(try StorageError.retrying { try DICOMHeader(OpenFile(url)) }) } catch let error
            as StorageError
        { throw error } catch { return .failure(SlideFault(text: "its header makes no sense")) }
    }

    private static func reading<Value>(_ url: URL, _ body: (OpenFile) throws -> Value?) throws(StorageError) -> Value? {
        do { return try StorageError.retrying { try body(OpenFile(url)) } } catch let error as StorageError {
            throw error
        } catch { return nil }
    }
}
