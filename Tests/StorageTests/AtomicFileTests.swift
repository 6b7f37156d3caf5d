import Foundation
import Records
import Testing

@testable import Storage

private struct Stop: Error {}

@Suite struct AtomicFileTests {
    @Test func aFileAppearsWithItsFolderAndNothingBesideIt() throws {
        let scratch = try Scratch()
        let url = scratch.file("new/folder/a.txt")
        try AtomicFile.write("hello", to: url)
        #expect(try String(contentsOf: url, encoding: .utf8) == "hello")
        #expect(try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path) == ["a.txt"])
    }

    @Test func writingAgainReplacesTheContent() throws {
        let scratch = try Scratch()
        try AtomicFile.write("a long first text", to: scratch.file("a"))
        try AtomicFile.write("short", to: scratch.file("a"))
        #expect(try String(contentsOf: scratch.file("a"), encoding: .utf8) == "short")
        try AtomicFile.write(Data(), to: scratch.file("a"))
        #expect(try Data(contentsOf: scratch.file("a")).isEmpty)
        #expect(scratch.names == ["a"])
    }

    @Test func anErrorWhileWritingLeavesTheOldFileAndNothingElse() throws {
        let scratch = try Scratch()
        try AtomicFile.write("old", to: scratch.file("a"))
        #expect(throws: Stop.self) {
            try AtomicFile.publish(to: scratch.file("a")) { temporary in
                try Data("half".utf8).write(to: temporary)
                #expect(scratch.names.count == 2)
                throw Stop()
            }
        }
        #expect(scratch.names == ["a"])
        #expect(try String(contentsOf: scratch.file("a"), encoding: .utf8) == "old")
    }

    @Test func aFinalNameThatCannotBeTakenLeavesNothingBehind() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(at: scratch.file("taken/x"), withIntermediateDirectories: true)
        let error = try #require(throws: StorageError.self) { try AtomicFile.write("a", to: scratch.file("taken")) }
        #expect(error == .system(path: scratch.file("taken").path, call: "rename", errno: EISDIR))
        #expect(scratch.names == ["taken"])
    }

    @Test func aBodyThatMakesNoFileIsAnError() throws {
        let scratch = try Scratch()
        #expect(throws: StorageError.self) { try AtomicFile.publish(to: scratch.file("a")) { _ in } }
        #expect(scratch.names.isEmpty)
    }

    @Test func theResultOfTheBodyIsPassedOn() throws {
        let scratch = try Scratch()
        let length = try AtomicFile.publish(to: scratch.file("a")) { temporary in
            try Data("four".utf8).write(to: temporary)
            return 4
        }
        #expect(length == 4)
    }

    @Test func theLongestIdStillFitsIntoAFileName() throws {
        let scratch = try Scratch()
        let name = String(repeating: "a", count: 200) + "_patches.h5"
        try AtomicFile.write("a", to: scratch.file(name))
        #expect(scratch.names == [name])
    }

    @Test func aFolderBelowAFileIsAWrongPathAndNotWorthARetry() throws {
        let scratch = try Scratch()
        try AtomicFile.write("a", to: scratch.file("file"))
        let below = scratch.file("file/folder")
        let error = try #require(throws: StorageError.self) { try AtomicFile.createFolder(below) }
        #expect(error == .system(path: below.path, call: "mkdir", errno: ENOTDIR))
        let same = try #require(throws: StorageError.self) { try AtomicFile.createFolder(scratch.file("file")) }
        #expect(same == .system(path: scratch.file("file").path, call: "mkdir", errno: EEXIST))
        #expect(same.code.exitStatus == .usage)
    }

    @Test func sweepingRemovesOnlyWhatDeadProcessesOfThisHostLeft() throws {
        let scratch = try Scratch()
        let own = AtomicFile.temporary(beside: scratch.file("deep/a.h5")).lastPathComponent
        let process = "-\(getpid())-"
        #expect(own.contains(process))
        // Above every process number that Linux gives out.
        let dead = own.replacing(process, with: "-\(Int32.max)-")
        let init1 = own.replacing(process, with: "-1-")
        let otherHost = ".wsi-elsewhere0-\(Int32.max)-17.tmp"
        let kept = [own, init1, otherHost, "a.h5", "\(dead).h5", String(dead.dropFirst())]
        for name in kept + [dead] {
            for folder in ["", "deep/"] { try AtomicFile.write("x", to: scratch.file(folder + name)) }
        }
        AtomicFile.sweep(scratch.folder)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.file("deep").path)
        #expect(left.sorted() == kept.sorted())
        #expect(scratch.names == (kept + ["deep"]).sorted())
    }

    @Test func sweepingAFolderThatIsNotThereDoesNothing() throws {
        AtomicFile.sweep(try Scratch().file("nowhere"))
    }
}
