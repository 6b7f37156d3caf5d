import Files
public import Foundation
public import Records
import Slides
import Storage

/// A slide of a cohort before it is opened.
public struct SlideEntry: Codable, Equatable, Sendable {
    public var id: SlideID
    /// Absolute; of a slide that no path leads to its address, as `RemoteAddress.shown`.
    public var path: String
    /// µm per pixel from a list or `--mpp-csv`.
    public var mpp: Double?
    /// As it was given; is never written.
    var address: RemoteAddress?

    private enum CodingKeys: String, CodingKey { case id, path, mpp }

    public init(id: SlideID, path: String, mpp: Double? = nil) {
        self.id = id
        self.path = path
        self.mpp = mpp
    }
}

/// Files that were found and that no stage can work on, all for one reason.
public struct LeftOutFiles: Equatable, Sendable {
    public var count: Int
    public var failure: Failure
}

/// The slides that a command works on, and what it should know of the others.
public struct SlideList: Equatable, Sendable {
    /// Sorted by id.
    public var entries: [SlideEntry] = []
    /// What costs the command its exit code 0, though the entries are worked on.
    public var leftOut: [LeftOutFiles] = []
    public var notes: [String] = []

    public init(entries: [SlideEntry] = []) { self.entries = entries }

    /// - Parameters:
    ///   - paths: slide files, which may have any extension, or folders that are searched with their subfolders.
    ///   - naming: what slides are called.
    /// - Throws: `Failure` for a missing path, a folder without slides, two slides of one name (usage), or where no slide has a
    ///   safe name.
    public static func find(paths: [String], naming: SlideNaming = .file) throws -> SlideList {
        var list = SlideList()
        var unsafe: [String] = []
        for path in paths {
            if let address = RemoteAddress(path) {
                do { list.entries.append(try SlideEntry(remote: address)) } catch {
                    unsafe.append(SlideID.shown(address.name))
                }
                continue
            }
            for slide in try list.slides(of: path, naming) {
                do {
                    let id = try SlideID(slide.name ?? "")
                    list.entries.append(SlideEntry(id: id, path: slide.file.standardizedFileURL.path))
                } catch { unsafe.append(SlideID.shown(slide.file.lastPathComponent)) }
            }
        }
        try list.leaveOut(unsafe: unsafe, naming)
        list.entries = try unique(list.entries)
        return list
    }

    private mutating func slides(of path: String, _ naming: SlideNaming) throws -> [FoundSlides.Slide] {
        let url = URL(filePath: path)
        switch RegularFile.kind(of: url.path) {
        case .none(let code):
            let error = StorageError.system(path: path, call: "look", errno: code)
            guard error.code == .notFound else { throw error }
            let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: url.path)) != nil
            throw Failure(.notFound, path, isLink ? "this link leads nowhere" : "there is no such file or folder")
        // Each is one slide, which says by itself why it is not read.
        case .folder where SlideExtensions.unreadFolders.contains(url.pathExtension.lowercased()):
            return try FoundSlides([url], naming, areNamed: true).slides
        case .folder: break
        default: return try FoundSlides([url], naming, areNamed: true).slides
        }
        let walk = FolderWalk(
            url,
            extensions: SlideExtensions.readable,
            companionsOf: SlideExtensions.withOwnFolder,
            wholeFolders: SlideExtensions.unreadFolders,
            isWanted: DICOMFolder.isDICOM
        )
        let found = try FoundSlides(walk.files, naming)
        let noLevels = found.others == 0 ? nil : "\(found.others) DICOM without levels of a slide"
        let parts = [walk.othersText(note: SlideExtensions.note), noLevels].compactMap(\.self)
        let others = parts.isEmpty ? nil : parts.joined(separator: ", ")
        guard !found.slides.isEmpty else {
            if let failure = walk.failures.first { throw failure }
            throw Failure(.notFound, path, Self.withoutSlides(walk, others))
        }
        leftOut += walk.failures.map { LeftOutFiles(count: 1, failure: Failure($0)) }
        if let others { notes.append("\(path): not considered: \(others)") }
        return found.slides
    }

    /// What stands in a folder without slides, and what to do with what there is most of.
    private static func withoutSlides(_ walk: FolderWalk, _ others: String?) -> String {
        let most = walk.others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let wayOut = most.lazy.compactMap(SlideExtensions.wayOut).first.map { "; \($0)" } ?? ""
        let found = others.map { "; not considered: \($0)" } ?? ""
        return "no slide in this folder; looked for \(SlideExtensions.readableText)\(found)\(wayOut)"
    }

    /// Reads a slide list: column `wsi` (also `path` or `slide`; relative to the list), optional `slide_id` and `mpp`.
    /// A path may be a folder of one DICOM slide, or any of its files.
    /// - Throws: `StorageError` with all that is wrong in the table, `Failure` where no slide has a safe name.
    public static func read(list url: URL, naming: SlideNaming = .file) throws -> SlideList {
        let table = try Table(contentsOf: url)
        guard let column = ["wsi", "path", "slide"].first(where: table.columns.contains) else {
            throw StorageError.table(
                path: url.path,
                problems: [
                    "line 1: a column wsi, path or slide is wanted; found \(table.columns.listed)"
                ]
            )
        }
        var list = SlideList()
        var problems: [String] = []
        var unsafe: [String] = []
        var lines: [String: Int] = [:]
        for row in table.rows {
            let address = RemoteAddress(row[column])
            let file = URL(filePath: row[column], relativeTo: url.deletingLastPathComponent()).standardizedFileURL
            switch address == nil ? RegularFile.kind(of: file.path) : .other("an address") {
            case .none:
                problems.append("line \(row.line): no such slide '\(ShownText.line(row[column], limit: 256))'")
                continue
            case .folder, .regular, .other:
                if row[column].isEmpty {
                    problems.append("line \(row.line): no such slide ''")
                    continue
                }
            }
            let slide = address == nil ? try FoundSlides.named(file, naming) : nil
            guard slide != nil || address != nil else {
                problems.append(
                    "line \(row.line): '\(ShownText.line(row[column], limit: 256))' is a folder, and not of one DICOM slide"
                )
                continue
            }
            var entry: SlideEntry
            do {
                let id = row["slide_id"].isEmpty ? nil : try SlideID(row["slide_id"])
                entry =
                    try address.map { try SlideEntry(remote: $0, id: id) }
                    ?? SlideEntry(id: id ?? SlideID(slide?.name ?? ""), path: slide?.file.path ?? file.path)
            } catch {
                let name = row["slide_id"].isEmpty ? address?.name ?? file.lastPathComponent : row["slide_id"]
                unsafe.append("\(SlideID.shown(name)) (line \(row.line))")
                continue
            }
            if let line = lines.updateValue(row.line, forKey: entry.id.collisionKey) {
                problems.append("line \(row.line): slide '\(entry.id)' is already on line \(line)")
                continue
            }
            do {
                entry.mpp = try MPPTable.value(row)
                list.entries.append(entry)
            } catch { problems.append(error.what) }
        }
        guard problems.isEmpty else { throw StorageError.table(path: url.path, problems: problems.capped) }
        guard !table.rows.isEmpty else {
            throw StorageError.table(path: url.path, problems: ["the list has no slide"])
        }
        try list.leaveOut(unsafe: unsafe, naming)
        list.entries.sort { $0.id < $1.id }
        return list
    }

    /// Fills in µm per pixel from a table with columns `wsi` (file name or path) or `slide_id`, and `mpp`.
    /// - Returns: the list with a note of the rows that match no slide.
    /// - Throws: `StorageError` with all that is wrong in the table.
    public static func merge(mppTable url: URL, into list: SlideList) throws -> SlideList {
        let table = try MPPTable(contentsOf: url, for: list.entries)
        var list = list
        for index in list.entries.indices {
            list.entries[index].mpp = table.values[list.entries[index].id] ?? list.entries[index].mpp
        }
        if let note = table.note { list.notes.append(note) }
        return list
    }

    /// A folder may well hold a few names that cannot be ids; the others need not wait for them.
    private mutating func leaveOut(unsafe names: [String], _ naming: SlideNaming) throws {
        guard !names.isEmpty else { return }
        let shown = names.prefix(100).joined(separator: ", ") + (names.count > 100 ? ", …" : "")
        let what = naming == .file ? "names that are no safe ids" : "no ContainerIdentifier, or name, that is a safe id"
        let failure = Failure(
            .unsafeID,
            nil,
            "\(names.count) slide(s) have \(what): \(shown); safe are \(SlideID.rule); name them in a "
                + "table with the columns wsi,slide_id, which gives each an id (--list CSV, or cohort.slides)"
        )
        guard !entries.isEmpty else { throw failure }
        leftOut.append(LeftOutFiles(count: names.count, failure: failure))
    }

    private static func unique(_ entries: [SlideEntry]) throws -> [SlideEntry] {
        var seen: [String: SlideEntry] = [:]
        var clashes: [(SlideEntry, SlideEntry)] = []
        for entry in entries {
            guard let other = seen[entry.id.collisionKey] else {
                seen[entry.id.collisionKey] = entry
                continue
            }
            // Two paths may differ in their bytes alone, é in one and e with an accent in the other; texts compare equal then.
            if !RegularFile.areSame(other.path, entry.path) {
                clashes.append((other, entry))
                seen[entry.id.collisionKey] = entry
            }
        }
        guard let (first, second) = clashes.first else { return seen.values.sorted { $0.id < $1.id } }
        let more = clashes.count > 1 ? " (and \(clashes.count - 1) more such)" : ""
        throw Failure(
            .usage,
            second.id.text,
            "two slides have this id: \(first.path) and \(second.path)\(more); "
                + "give a list with a slide_id column as --list"
        )
    }
}
