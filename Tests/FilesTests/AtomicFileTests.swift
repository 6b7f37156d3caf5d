import Foundation
import Records
import TestSupport
import Testing

@testable import Files

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

    @Test func aFolderAppearsWholeInPlaceOfTheOldOne() throws {
        let scratch = try Scratch()
        try AtomicFile.write("old", to: scratch.file("tiles/9/stale.png"))
        let count = try AtomicFile.publishFolder(to: scratch.file("tiles")) { folder in
            try AtomicFile.write("new", to: folder.appending(path: "0/0_0.png"))
            #expect(try String(contentsOf: scratch.file("tiles/9/stale.png"), encoding: .utf8) == "old")
            return 1
        }
        #expect(count == 1)
        #expect(scratch.names == ["tiles"])
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: scratch.file("tiles").path).sorted() == [
                "0", "0/0_0.png",
            ]
        )
    }

    @Test func anErrorWhileAFolderIsFilledLeavesTheOldOneAndNothingElse() throws {
        let scratch = try Scratch()
        try AtomicFile.write("old", to: scratch.file("tiles/a"))
        #expect(throws: Stop.self) {
            try AtomicFile.publishFolder(to: scratch.file("tiles")) { folder in
                try AtomicFile.write("half", to: folder.appending(path: "b"))
                throw Stop()
            }
        }
        #expect(scratch.names == ["tiles"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("tiles").path) == ["a"])
    }

    @Test func aFileToCompareWithIsGoneAfterwards() throws {
        let scratch = try Scratch()
        try AtomicFile.discarding(beside: scratch.file("a")) { try Data("b".utf8).write(to: $0) }
        #expect(scratch.names.isEmpty)
    }
}
