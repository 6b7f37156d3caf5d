import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Slides

/// What lies beside a slide's files: each is looked at once, and what cannot be looked at is said.
@Suite struct DICOMNeighbourTests {
    private func single(_ number: Int, series: Int? = nil) -> TestDICOM {
        var file = TestDICOM(instance: "1.2.\(number)", width: 8, height: 8, frames: [Data(count: 192)])
        (file.tileWidth, file.tileHeight, file.series) = (8, 8, "1.3.\(series ?? number)")
        return file
    }

    private func two() throws -> MadeDICOM { try MadeDICOM(["a.dcm": single(1), "b.dcm": single(2)]) }

    @Test func theHeadersOfAFolderAreReadOnceForAllItsSlides() throws {
        let made = try MadeDICOM(Dictionary(uniqueKeysWithValues: (0..<300).map { ("\($0).dcm", single($0)) }))
        let headers = DICOMHeaders(settling: 0)
        for _ in 0..<20 { #expect(try DICOMFolder(made.scratch.folder, headers).pyramids.count == 300) }
        #expect(headers.reads == 300)
        // Of more files than are kept each folder is read anew, and none is taken for another.
        let few = DICOMHeaders(limit: 20, settling: 0)
        for _ in 0..<3 { #expect(try DICOMFolder(made.scratch.folder, few).pyramids.count == 300) }
        #expect(few.reads == 900)
    }

    @Test func aFileThatIsReplacedIsReadAnew() throws {
        let made = try two()
        let headers = DICOMHeaders(settling: 0)
        func slides() throws -> [[String]] {
            try DICOMFolder(made.scratch.folder, headers).pyramids.map { $0.files.map(\.lastPathComponent) }
        }
        #expect(try slides() == [["a.dcm"], ["b.dcm"]])
        // Renamed onto it, with the times of the other.
        let url = made.scratch.file("b.dcm")
        let times = try FileManager.default.attributesOfItem(atPath: url.path)
        try made.write(single(3, series: 1).data(), "new")
        try FileManager.default.setAttributes(
            [.modificationDate: #require(times[.modificationDate])],
            ofItemAtPath: made.scratch.file("new").path
        )
        #expect(rename(made.scratch.file("new").path, url.path) == 0)
        #expect(try slides() == [["a.dcm", "b.dcm"]])
        // Written into, of the same length; times are no finer than a few milliseconds.
        usleep(20_000)
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: single(4, series: 0).data())
        try handle.close()
        #expect(try slides() == [["b.dcm"], ["a.dcm"]])
        try FileManager.default.removeItem(at: url)
        #expect(try slides() == [["a.dcm"]])
    }

    @Test func aFileThatHasJustBeenWrittenIsNotKept() throws {
        let made = try two()
        let headers = DICOMHeaders()
        for _ in 0..<2 { _ = try DICOMFolder(made.scratch.folder, headers) }
        #expect(headers.reads == 4)
    }

    /// What is no part of a slide does not keep it from being read.
    @Test(arguments: ["a folder", "a pipe", "nothing", "short", "half a header", "a table of contents", "text"])
    func whatIsNoPartOfASlideIsLeftAlone(kind: String) throws {
        let made = try two()
        let url = made.scratch.file("x.dcm")
        switch kind {
        case "a folder": try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        case "a pipe": #expect(mkfifo(url.path, 0o600) == 0)
        case "nothing": try made.write(Data(), "x.dcm")
        case "short": try made.write(single(3).data().prefix(200), "x.dcm")
        case "half a header": try made.write(single(3).data().prefix(400), "x.dcm")
        case "a table of contents":
            var file = single(3)
            file.planted = [TestDICOM.Planted(0x0002_0002, "UI", "1.2.840.10008.1.3.10")]
            file.sopClass = nil
            try made.write(file.data(), "x.dcm")
        default: try made.write(Data("no image".utf8), "x.dcm")
        }
        #expect(try made.open("a.dcm").levels.count == 1 && made.open("b.dcm").levels.count == 1)
        let folder = try DICOMFolder(made.scratch.folder)
        #expect(folder.broken.map(\.lastPathComponent) == (["short", "half a header"].contains(kind) ? ["x.dcm"] : []))
        #expect(folder.others.map(\.lastPathComponent) == (kind == "a table of contents" ? ["x.dcm"] : []))
        guard kind != "a folder" else { return }
        let own = try #require(made.refusal("x.dcm"))
        #expect([.slideOpen, .slideFormat].contains(own.code) && !own.message.contains("\n"), "\(own)")
    }

    @Test func aLinkThatLeadsNowhereMayBeAPartAndIsNamed() throws {
        let made = try two()
        let link = made.scratch.file("x.dcm").path
        #expect(symlink("elsewhere/c.dcm", link) == 0)
        let failure = try #require(made.refusal("a.dcm"))
        #expect(failure.code == .notFound)
        #expect(failure.message.contains("no file x.dcm, which may be a part of the slide"))
        #expect(made.refusal("x.dcm")?.message.contains("may be a part") == false)
        #expect(unlink(link) == 0 && symlink("x.dcm", link) == 0)
        #expect(made.refusal("b.dcm")?.message.contains("x.dcm, which may be a part of the slide") == true)
        // Other formats have their names.
        #expect(unlink(link) == 0 && symlink("nowhere", made.scratch.file("x.svs").path) == 0)
        #expect(try made.open("a.dcm").levels.count == 1)
    }

    @Test func aFileThatMayNotBeReadMayBeAPartAndIsNamed() async {
        await #expect(processExitsWith: .success) {
            let test = DICOMNeighbourTests()
            let made = try test.two()
            try made.write(test.single(3).data(), "locked")
            #expect(chmod(made.scratch.file("locked").path, 0) == 0)
            if geteuid() == 0 {
                #expect(chmod(made.scratch.folder.path, 0o755) == 0 && seteuid(65_534) == 0)
            }
            defer { if getuid() == 0 { _ = seteuid(0) } }
            let failure = try #require(made.refusal("a.dcm"))
            #expect(failure.code == .access)
            #expect(
                failure.message
                    == "open: Permission denied (locked, which may be a part of the slide); give the right to read it"
            )
        }
    }
}
