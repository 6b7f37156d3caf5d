import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// Files that are not read again while nothing has touched them.
@Suite struct SeenFilesTests {
    private let scratch: Scratch
    private let layout: JobLayout
    private let file: URL

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        file = layout.root.appending(path: "thumbnails/S1.jpg")
        try AtomicFile.write("a picture", to: file)
    }

    private var table: URL { layout.audit(.seen).appending(path: "all.tsv") }

    /// Nothing is remembered of a file that has just changed; its table then says so a while later, as it would be.
    private func remember(_ digest: String, at url: URL, _ change: (inout [String]) -> Void = { _ in }) throws {
        let facts = try #require(FileFacts(url.path))
        var line = [digest, "\(facts.bytes)", "\(facts.number)", "\(facts.written)", "\(facts.changed)", Self.name]
        change(&line)
        try write(line.joined(separator: "\t") + "\n", to: table)
    }

    private func write(_ lines: String, to table: URL) throws {
        try AtomicFile.write("\(lines)\(Digest.sha256(Data(lines.utf8)))\n", to: table)
    }

    private static let name = "thumbnails/S1.jpg"
    private static let known = String(repeating: "a", count: 64)

    @Test func whatWasNotTouchedIsNotReadAgain() throws {
        try remember(Self.known, at: file)
        #expect(try SeenFiles().digest(of: file, as: Self.name, in: layout) == Self.known)
    }

    @Test func whatIsTouchedIsRead() throws {
        try remember(Self.known, at: file)
        let seen = SeenFiles()
        #expect(try seen.digest(of: file, as: Self.name, in: layout) == Self.known)
        // The same size, and the time of before set back: the entry has changed all the same.
        let before = try #require(FileFacts(file.path))
        let handle = try FileHandle(forUpdating: file)
        try handle.write(contentsOf: Data("A".utf8))
        try handle.close()
        let time = timespec(tv_sec: Int(before.written / 1_000_000_000), tv_nsec: Int(before.written % 1_000_000_000))
        #expect(utimensat(AT_FDCWD, file.path, [time, time], 0) == 0)
        let after = try #require(FileFacts(file.path))
        #expect(after.written == before.written && after.bytes == before.bytes && after.changed != before.changed)
        #expect(try seen.digest(of: file, as: Self.name, in: layout) == Digest.sha256(Data("A picture".utf8)))
    }

    @Test(arguments: 1...4) func anotherSizeNumberOrTimeIsAnotherFile(place: Int) throws {
        try remember(Self.known, at: file) { $0[place] = "\((Int64($0[place]) ?? 0) + 1)" }
        #expect(
            try SeenFiles().digest(of: file, as: Self.name, in: layout)
                == Digest.sha256(Data("a picture".utf8))
        )
    }

    @Test func whatHasJustChangedIsNotRemembered() throws {
        let seen = SeenFiles()
        _ = try seen.digest(of: file, as: Self.name, in: layout)
        seen.save()
        #expect(try !RegularFile.exists(table))
    }

    @Test func whatWasReadIsRememberedByTheNextCommand() throws {
        // A file of the system: old enough, outside of the job, and by its whole path.
        let old = URL(filePath: "/etc/passwd")
        try #require(FileFacts(old.path).map { Date().timeIntervalSince1970 - Double($0.changed) / 1e9 > 10 } == true)
        let seen = SeenFiles(shard: "3/100")
        let digest = try seen.digest(of: old, as: old.path, in: layout)
        #expect(digest == (try Digest.quick(fileAt: old)))
        seen.save()
        let written = layout.audit(.seen).appending(path: "3-100.tsv")
        let line = try String(contentsOf: written, encoding: .utf8)
        let lines = line.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasPrefix(digest) && lines[0].hasSuffix("\t/etc/passwd"))
        // What the table says is believed: it is not read again.
        try write(lines[0].replacing(digest, with: Self.known) + "\n", to: written)
        #expect(try SeenFiles(shard: "3/100").digest(of: old, as: old.path, in: layout) == Self.known)
        #expect(try SeenFiles().digest(of: old, as: old.path, in: layout) == digest, "another part has another table")
    }

    @Test func anotherDigestThanIsWantedIsNotSaidByHearsay() throws {
        try remember(Self.known, at: file)
        let (seen, right) = (SeenFiles(), Digest.sha256(Data("a picture".utf8)))
        #expect(try seen.digest(of: file, as: Self.name, in: layout, wanted: Self.known) == Self.known)
        #expect(try seen.digest(of: file, as: Self.name, in: layout, wanted: right) == right)
    }

    @Test func nothingIsBelievedWhereAllIsRead() throws {
        try remember(Self.known, at: file)
        let seen = SeenFiles(readsAll: true)
        #expect(try seen.digest(of: file, as: Self.name, in: layout) == Digest.sha256(Data("a picture".utf8)))
    }

    @Test func aTableThatWasChangedIsPassedOver() throws {
        try remember(Self.known, at: file)
        let text = try String(contentsOf: table, encoding: .utf8)
        #expect(try SeenFiles().digest(of: file, as: Self.name, in: layout) == Self.known)
        for changed in [
            text.replacing(Self.known, with: "b" + Self.known.dropFirst()), String(text.dropLast()), text + "\n",
            text.replacing("S1", with: "S2") + text, String(text.prefix(64)), "",
        ] {
            try AtomicFile.write(changed, to: table)
            let digest = try SeenFiles().digest(of: file, as: Self.name, in: layout)
            #expect(digest == Digest.sha256(Data("a picture".utf8)), "\(changed)")
        }
    }

    @Test(arguments: ["9999999999999999999", "-", "0x10", ""]) func aNumberOutOfRangeIsNone(text: String) throws {
        try remember(Self.known, at: file) { $0[2] = text }
        #expect(try SeenFiles().digest(of: file, as: Self.name, in: layout) == Digest.sha256(Data("a picture".utf8)))
    }

    @Test func whatIsGoneIsForgotten() throws {
        let gone = layout.root.appending(path: "thumbnails/S2.jpg")
        try AtomicFile.write("b", to: gone)
        try remember(Self.known, at: gone) { $0[5] = "thumbnails/S2.jpg" }
        try FileManager.default.removeItem(at: gone)
        let seen = SeenFiles()
        _ = try seen.digest(of: URL(filePath: "/etc/passwd"), as: "/etc/passwd", in: layout)
        seen.save()
        #expect(try !String(contentsOf: table, encoding: .utf8).contains("S2"))
    }

    @Test func aFileThatIsGoneOrUnreadableIsSaid() throws {
        try remember(Self.known, at: file)
        try FileManager.default.removeItem(at: file)
        #expect(throws: StorageError.self) { try SeenFiles().digest(of: file, as: Self.name, in: layout) }
    }
}
