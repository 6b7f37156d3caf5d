import Foundation
import Pipeline
import Records
import Storage
import Testing

@Suite struct SlideListTests {
    private func problems(_ text: String, in scratch: Scratch) throws -> [String] {
        let list = try scratch.add("list.csv", text)
        let error = try #require(throws: StorageError.self) { try SlideList.read(list: list) }
        guard case .table(list.path, let problems) = error else {
            Issue.record("\(error)")
            return []
        }
        return problems
    }

    @Test func aFolderIsSearchedWithItsSubfoldersForSlides() throws {
        let scratch = try Scratch()
        for name in ["b.svs", "deep/er/a.TIFF", "c 1.ndpi", "notes.txt", ".hidden.svs", "deep/thumb.jpg"] {
            try scratch.add(name)
        }
        try FileManager.default.createDirectory(at: scratch.file("old.svs"), withIntermediateDirectories: false)
        let entries = try SlideList.find(paths: [scratch.folder.path])
        #expect(entries.map(\.id.text) == ["a", "b", "c 1"])
        #expect(entries.first?.path == scratch.file("deep/er/a.TIFF").path)
        #expect(entries.allSatisfy { $0.mpp == nil })
    }

    @Test func aNamedFileMayHaveAnyExtension() throws {
        let scratch = try Scratch()
        try scratch.add("scan.data")
        #expect(try SlideList.find(paths: [scratch.file("scan.data").path]).map(\.id.text) == ["scan"])
    }

    @Test func aSlideNamedTwiceByTheSamePathIsOneSlide() throws {
        let scratch = try Scratch()
        try scratch.add("a.svs")
        let entries = try SlideList.find(paths: [scratch.folder.path, scratch.file("a.svs").path])
        #expect(entries.map(\.id.text) == ["a"])
    }

    @Test func twoSlidesOfOneNameAreRefusedWithBothPaths() throws {
        for other in ["sub/a.tif", "sub/A.svs"] {
            let scratch = try Scratch()
            try scratch.add("a.svs")
            try scratch.add(other)
            let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
            #expect(error.code == .usage)
            #expect(
                error.message.contains(scratch.file("a.svs").path) && error.message.contains(scratch.file(other).path)
            )
        }
    }

    @Test func namesThatDifferOnlyInHowAnAccentIsWrittenAreOneName() throws {
        let scratch = try Scratch()
        let names = ["caf\u{E9}.svs", "cafe\u{301}.svs"]
        for name in names { try scratch.add(name) }
        let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect((error.code, error.subject) == (.usage, "caf\u{E9}"))
        for name in names { #expect(error.message.utf8.contains(subsequence: Array("/\(name)".utf8))) }
        let one = try SlideList.find(paths: [scratch.file(names[1]).path])
        #expect(one.map { Array($0.id.text.utf8) } == [Array("caf\u{E9}".utf8)])
        #expect(one.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
    }

    @Test func allClashesAreCounted() throws {
        let scratch = try Scratch()
        for name in ["a.svs", "b.svs", "x/a.tif", "x/b.tif", "y/A.svs"] { try scratch.add(name) }
        let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect(error.message.contains("(and 2 more such)"))
    }

    @Test func aSlideThatAListNamesTwiceIsReportedWithBothLines() throws {
        let scratch = try Scratch()
        for name in ["a.svs", "b.svs", "sub/a.tif"] { try scratch.add(name) }
        #expect(
            try problems("wsi,mpp\na.svs,0.25\nb.svs,\na.svs,0.5\nsub/a.tif,\n", in: scratch) == [
                "line 4: slide 'a' is already on line 2", "line 5: slide 'a' is already on line 4",
            ]
        )
    }

    @Test func missingPathsAndFoldersWithoutSlidesAreNamed() throws {
        let scratch = try Scratch()
        try scratch.add("notes.txt")
        let missing = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.file("none").path]) }
        #expect((missing.code, missing.subject) == (.notFound, scratch.file("none").path))
        let empty = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect((empty.code, empty.subject) == (.notFound, scratch.folder.path))
        #expect(empty.message.contains("svs"))
    }

    @Test func anUnsafeNameIsRefused() throws {
        let scratch = try Scratch()
        try scratch.add("a$b.svs")
        let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect(error.code.exitStatus == .refused)
    }

    @Test func aListsPathsAreRelativeToTheList() throws {
        let scratch = try Scratch()
        try scratch.add("slides/b 2.svs")
        try scratch.add("lists/near.svs")
        let list = try scratch.add(
            "lists/list.csv",
            "wsi,slide_id,mpp\n../slides/b 2.svs,,0.25\nnear.svs,other,\n\(scratch.file("slides/b 2.svs").path),third,0.5\n"
        )
        let entries = try SlideList.read(list: list)
        #expect(entries.map(\.id.text) == ["b 2", "other", "third"])
        #expect(entries.map(\.mpp) == [0.25, nil, 0.5])
        #expect(
            entries.map(\.path) == ["slides/b 2.svs", "lists/near.svs", "slides/b 2.svs"].map { scratch.file($0).path }
        )
    }

    @Test(arguments: ["wsi", "path", "slide"])
    func theColumnOfPathsMayHaveAnyOfItsNames(column: String) throws {
        let scratch = try Scratch()
        try scratch.add("a.svs")
        #expect(try SlideList.read(list: scratch.add("list.csv", "\(column)\na.svs\n")).map(\.id.text) == ["a"])
    }

    @Test func everyBadRowIsReportedInOnePass() throws {
        let scratch = try Scratch()
        for name in ["a.svs", "b.svs", "c.svs", "d.svs", "folder.svs/inside.txt"] { try scratch.add(name) }
        let text = "wsi,mpp\ngone.svs,\n\na.svs,fast\nb.svs,-1\n,0.5\nfolder.svs,\nc.svs,0.5\nd.svs,nan\n"
        #expect(
            try problems(text, in: scratch) == [
                "line 2: no such slide 'gone.svs'", "line 4: mpp 'fast' is no positive number",
                "line 5: mpp '-1' is no positive number", "line 6: no such slide ''",
                "line 7: no such slide 'folder.svs'",
                "line 9: mpp 'nan' is no positive number",
            ]
        )
    }

    @Test func aListWithoutSlidesOrWithoutItsColumnIsRefused() throws {
        let scratch = try Scratch()
        #expect(try problems("wsi\n", in: scratch) == ["the list has no slide"])
        #expect(
            try problems("file,mpp\na.svs,1\n", in: scratch)
                == ["line 1: a column wsi, path or slide is wanted; found file, mpp"]
        )
    }

    @Test func theMPPTableFillsInByIdOrByFileName() throws {
        let scratch = try Scratch()
        let entries = try ["a", "b.1", "c"].map { SlideEntry(id: try SlideID($0), path: "/\($0).svs", mpp: 1) }
        let byID = try scratch.add("id.csv", "slide_id,mpp\na,0.25\nunknown,3\nc,\n")
        #expect(try SlideList.merge(mppTable: byID, into: entries).map(\.mpp) == [0.25, 1, 1])
        let byName = try scratch.add("name.csv", "wsi,mpp\nsome/where/b.1.svs,0.5\n")
        #expect(try SlideList.merge(mppTable: byName, into: entries).map(\.mpp) == [1, 0.5, 1])
    }

    @Test func everyProblemOfAnMPPTableIsReported() throws {
        let scratch = try Scratch()
        let table = try scratch.add("t.csv", "slide_id,mpp\na,0.25\na,0.5\nb,zero\n,0.5\nc,0\n")
        let error = try #require(throws: StorageError.self) { try SlideList.merge(mppTable: table, into: []) }
        #expect(
            error
                == .table(
                    path: table.path,
                    problems: [
                        "line 3: slide 'a' occurs twice", "line 4: mpp 'zero' is no positive number",
                        "line 5: slide_id is empty", "line 6: mpp '0' is no positive number",
                    ]
                )
        )
        let nameless = try scratch.add("n.csv", "mpp\n0.5\n")
        #expect(throws: StorageError.self) { try SlideList.merge(mppTable: nameless, into: []) }
    }
}

extension String.UTF8View {
    /// By bytes: texts that differ only in how an accent is written compare equal.
    fileprivate func contains(subsequence wanted: [UInt8]) -> Bool { firstRange(of: wanted) != nil }
}
