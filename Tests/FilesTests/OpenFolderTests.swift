import Foundation
import TestSupport
import Testing

@testable import Files

#if canImport(Glibc)
    import Glibc
#endif

/// What is seen from an open folder against what is seen by whole paths.
@Suite struct OpenFolderTests {
    private let scratch: Scratch
    private let folder: OpenFolder

    init() throws {
        scratch = try Scratch()
        for (path, text) in [("a", "text"), ("empty", ""), ("sub/b", "b")] { try scratch.write(text, to: path) }
        try scratch.write(String(repeating: "x", count: OpenFolder.small), to: "large")
        for (name, target) in [("link", "sub/b"), ("door", "sub"), ("lost", "nowhere")] {
            try FileManager.default.createSymbolicLink(atPath: scratch[name].path, withDestinationPath: target)
        }
        #expect(mkfifo(scratch["pipe"].path, 0o600) == 0)
        folder = try #require(OpenFolder(scratch.folder))
    }

    @Test func aPathStandsForWhatItStandsForWhereverItBegins() {
        for path in [
            "a", "empty", "large", "sub", "sub/b", "link", "door", "door/b", "lost", "pipe", "none", "a/b", ".",
        ] {
            #expect(folder.kind(of: path) == RegularFile.kind(of: scratch[path].path), "\(path)")
        }
        #expect(folder.kind(of: scratch["sub/b"].path) == .regular(bytes: 1))
        #expect(folder.kind(of: "lost") == .none(errno: ENOENT))
    }

    @Test func aSmallFileIsGivenWholeAndOfAnyOtherNothingIsSaid() throws {
        func content(_ name: String) -> Data? { folder.content(of: name) { Data($0) } }
        #expect(content("a") == Data("text".utf8) && content("empty") == Data())
        #expect(content("link") == Data("b".utf8) && content("door/b") == Data("b".utf8))
        // A pipe without a writer would have it wait for ever.
        for name in ["large", "sub", "lost", "pipe", "none"] { #expect(content(name) == nil, "\(name)") }
        try scratch.write(String(repeating: "x", count: OpenFolder.small - 1), to: "large")
        #expect(content("large")?.count == OpenFolder.small - 1)
    }

    @Test func whatIsNoFolderOrLiesBehindAFenceIsNotOpened() throws {
        #expect(OpenFolder(scratch["none"]) == nil && OpenFolder(scratch["a"]) == nil)
        #expect(OpenFolder(scratch["door"])?.kind(of: "b") == .regular(bytes: 1))
        let job = scratch["job"]
        try FileManager.default.createDirectory(at: job.appending(path: "in"), withIntermediateDirectories: true)
        #expect(OpenFolder(job.appending(path: "in")) != nil)
        try JobFence.raise(around: job, reads: true)
        #expect(OpenFolder(job.appending(path: "in")) == nil)
    }

    @Test func theNamesOfAFolderAreAllOfThem() throws {
        try scratch.write("", to: "sub/.hidden")
        try scratch.write("", to: "sub/Fälle 2")
        #expect(try FolderWalk.names(in: scratch["door"]).sorted() == [".hidden", "Fälle 2", "b"].sorted())
        #expect(try FolderWalk.names(in: scratch["none"]).isEmpty && FolderWalk.names(in: scratch["a"]).isEmpty)
        for number in 0..<3000 { try scratch.write("", to: "many/\(number)") }
        #expect(try Set(FolderWalk.names(in: scratch["many"])) == Set((0..<3000).map(String.init)))
    }
}
