import Files
public import Foundation
public import Records
import Synchronization

/// Quick digests of files that have not been touched since they were taken, by what the file system says of them: its size,
/// which file it is, when it was written and when its entry last changed, which no program can set back.
///
/// A job of ten thousand slides has a hundred thousand results, which a command would read from end to end to find that there
/// is nothing to do. What a failing disk makes of a file is seen by who reads it, and by `wsi verify`, which asks nothing here.
public final class SeenFiles: Sendable {
    private struct Entry {
        var digest: String
        var sight: Sight
    }

    /// Of one job.
    private struct Table {
        /// By name.
        var entries: [String: Entry] = [:]
        var hasNew = false
    }

    /// By the folder of the job.
    private let tables = Mutex<[URL: Table]>([:])
    /// Names the file of a part of the job's slides; commands that work on other parts write others.
    private let part: String

    /// - Parameter shard: such as `3/100`; nil for all slides.
    public init(shard: String? = nil) { part = shard?.replacing("/", with: "-") ?? "all" }

    /// The quick digest of a file, which is read where it is not known.
    /// - Parameter name: what it is known by: its path relative to the job; of a file outside of it its whole path.
    /// - Throws: as `Digest.quick`.
    public func digest(of file: URL, as name: String, in layout: JobLayout) throws -> String {
        let before = Sight(file)
        if let entry = entry(name, in: layout), entry.sight == before { return entry.digest }
        let digest = try Digest.quick(fileAt: file)
        if let before, before.isSettled, Sight(file) == before {
            tables.withLock { tables in
                tables[layout.root]?.entries[name] = Entry(digest: digest, sight: before)
                tables[layout.root]?.hasNew = true
            }
        }
        return digest
    }

    private func entry(_ name: String, in layout: JobLayout) -> Entry? {
        tables.withLock { tables in
            if tables[layout.root] == nil { tables[layout.root] = read(layout) }
            return tables[layout.root]?.entries[name]
        }
    }

    /// Writes what is new into the job. To lose it costs time alone: a full disk is said by the work itself.
    public func save() {
        tables.withLock { tables in
            for (root, table) in tables where table.hasNew {
                tables[root]?.hasNew = false
                try? AtomicFile.write(Self.text(table), to: file(JobLayout(root: root)))
            }
        }
    }

    private func file(_ layout: JobLayout) -> URL { layout.audit(.seen).appending(path: "\(part).tsv") }

    private static func text(_ table: Table) -> Data {
        var text = Data()
        for (path, entry) in table.entries.sorted(by: { $0.key < $1.key })
        where !path.utf8.contains(where: { $0 < 0x20 }) {
            text += Data("\(entry.digest)\t\(entry.sight.line)\t\(path)\n".utf8)
        }
        return text
    }

    /// A line that is not one of these is passed over.
    private func read(_ layout: JobLayout) -> Table {
        guard let data = try? RegularFile.data(file(layout)) else { return Table() }
        var table = Table()
        for line in String(decoding: data, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 5)
            guard parts.count == 6, parts[0].count == 64, let digest = String(parts[0]), let path = String(parts[5]),
                let sight = Sight(parts[1..<5].map { Int64(Substring($0)) })
            else { continue }
            table.entries[path] = Entry(digest: digest, sight: sight)
        }
        return table
    }
}

/// What the file system says of a file, apart from its device: that is another one for each machine that mounts it.
private struct Sight: Equatable {
    var bytes: Int64
    /// Of the file on its device.
    var number: Int64
    /// In nanoseconds since 1970.
    var written: Int64
    var changed: Int64

    /// nil for what is no file.
    init?(_ file: URL) {
        guard let facts = FileFacts(file.path), facts.isRegular else { return nil }
        (bytes, number) = (Int64(facts.bytes), Int64(bitPattern: facts.number))
        (written, changed) = (facts.written, facts.changed)
    }

    /// The numbers of a line; nil where one is missing.
    init?(_ numbers: [Int64?]) {
        let known = numbers.compactMap(\.self)
        guard known.count == 4, numbers.count == 4 else { return nil }
        (bytes, number, written, changed) = (known[0], known[1], known[2], known[3])
    }

    var line: String { "\(bytes)\t\(number)\t\(written)\t\(changed)" }

    /// Seconds after which a change has another time, whatever the file system: some count in twos.
    private static let tick = 3.0

    /// Whether a change from now on would be told by its time.
    var isSettled: Bool { changed > 0 && Date().timeIntervalSince1970 - Double(changed) / 1e9 > Self.tick }
}
