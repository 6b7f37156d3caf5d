import Files
import Foundation
import Pipeline
import Records
import Storage
import TestSupport
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
        let list = try SlideList.find(paths: [scratch.folder.path])
        let entries = list.entries
        #expect(entries.map(\.id.text) == ["a", "b", "c 1"])
        #expect(
            list.notes == [
                "\(scratch.folder.path): not considered: 1 .jpg (a plain JPEG picture, not readable), 1 .txt"
            ] && list.leftOut.isEmpty
        )
        #expect(entries.first?.path == scratch.file("deep/er/a.TIFF").path)
        #expect(entries.allSatisfy { $0.mpp == nil })
    }

    @Test func aNamedFileMayHaveAnyExtension() throws {
        let scratch = try Scratch()
        try scratch.add("scan.data")
        #expect(try SlideList.find(paths: [scratch.file("scan.data").path]).entries.map(\.id.text) == ["scan"])
    }

    @Test func aSlideNamedTwiceByTheSamePathIsOneSlide() throws {
        let scratch = try Scratch()
        try scratch.add("a.svs")
        let entries = try SlideList.find(paths: [scratch.folder.path, scratch.file("a.svs").path]).entries
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
        let one = try SlideList.find(paths: [scratch.file(names[1]).path]).entries
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

    @Test func anUnsafeNameAloneIsRefused() throws {
        let scratch = try Scratch()
        try scratch.add("a$b.svs")
        let error = try #require(throws: Failure.self) { try SlideList.find(paths: [scratch.folder.path]) }
        #expect(error.code.exitStatus == .refused)
    }

    @Test func unsafeNamesAreSaidTogetherAndStopNoOther() throws {
        let scratch = try Scratch()
        for name in ["a$b.svs", "c|d.svs", "good.svs"] { try scratch.add(name) }
        let found = try SlideList.find(paths: [scratch.folder.path])
        #expect(found.entries.map(\.id.text) == ["good"])
        #expect(found.leftOut.map(\.count) == [2] && found.leftOut.map(\.failure.code) == [.unsafeID])
        let text = found.leftOut.first?.failure.message ?? ""
        #expect(text.hasPrefix("2 slide(s) have names that are no safe ids: 'a$b.svs', 'c|d.svs'; "))
        #expect(text.contains("--list") && text.contains("wsi,slide_id"))

        let list = try scratch.add("list.csv", "wsi,slide_id\na$b.svs,ab\nc|d.svs,\ngood.svs,x|y\n")
        let read = try SlideList.read(list: list)
        #expect(read.entries.map(\.id.text) == ["ab"])
        #expect(read.leftOut.first?.failure.message.contains("'c|d.svs' (line 3), 'x|y' (line 4)") == true)
    }

    @Test func aLinkedSlideHasTheLinksNameAndADeadLinkIsASlideToFail() throws {
        let scratch = try Scratch()
        try scratch.add("store/0001.svs")
        try FileManager.default.createDirectory(at: scratch.file("slides"), withIntermediateDirectories: true)
        for (name, target) in [("p1.svs", "../store/0001.svs"), ("p2.svs", "../store/gone.svs")] {
            try FileManager.default.createSymbolicLink(
                atPath: scratch.file("slides/\(name)").path,
                withDestinationPath: target
            )
        }
        try FileManager.default.createSymbolicLink(atPath: scratch.file("door").path, withDestinationPath: "slides")
        #expect(try SlideList.find(paths: [scratch.file("door").path]).entries.map(\.id.text) == ["p1", "p2"])
        // Under one name in two places it is one slide.
        try FileManager.default.createDirectory(at: scratch.file("slides/again"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("slides/again/p1.svs").path,
            withDestinationPath: scratch.file("store/0001.svs").path
        )
        #expect(try SlideList.find(paths: [scratch.file("slides").path]).entries.map(\.id.text) == ["p1", "p2"])
        let dead = try #require(throws: Failure.self) {
            try SlideList.find(paths: [scratch.file("slides/p2.svs").path])
        }
        #expect((dead.code, dead.message) == (.notFound, "this link leads nowhere"))
    }

    @Test func aListsPathsAreRelativeToTheList() throws {
        let scratch = try Scratch()
        try scratch.add("slides/b 2.svs")
        try scratch.add("lists/near.svs")
        let list = try scratch.add(
            "lists/list.csv",
            "wsi,slide_id,mpp\n../slides/b 2.svs,,0.25\nnear.svs,other,\n\(scratch.file("slides/b 2.svs").path),third,0.5\n"
        )
        let entries = try SlideList.read(list: list).entries
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
        #expect(try SlideList.read(list: scratch.add("list.csv", "\(column)\na.svs\n")).entries.map(\.id.text) == ["a"])
    }

    @Test func everyBadRowIsReportedInOnePass() throws {
        let scratch = try Scratch()
        for name in ["a.svs", "b.svs", "c.svs", "d.svs", "folder.svs/inside.txt"] { try scratch.add(name) }
        let text = "wsi,mpp\ngone.svs,\n\na.svs,fast\nb.svs,-1\n,0.5\nfolder.svs,\nc.svs,0.5\nd.svs,nan\n"
        #expect(
            try problems(text, in: scratch) == [
                "line 2: no such slide 'gone.svs'", "line 4: mpp 'fast' is no positive number",
                "line 5: mpp '-1' is no positive number", "line 6: no such slide ''",
                "line 7: 'folder.svs' is a folder, and not of one DICOM slide",
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
        let byID = try scratch.add("id.csv", "slide_id,mpp\na,0.25\nunknown,3\n")
        let merged = try SlideList.merge(mppTable: byID, into: SlideList(entries: entries))
        #expect(merged.entries.map(\.mpp) == [0.25, 1, 1])
        #expect(merged.notes == ["id.csv: 1 of 2 rows match no slide: 'unknown' (line 3)"])
        let byName = try scratch.add("name.csv", "wsi,mpp\nsome/where/b.1.svs,0.5\n")
        #expect(
            try SlideList.merge(mppTable: byName, into: SlideList(entries: entries)).entries.map(\.mpp) == [1, 0.5, 1]
        )
    }

    /// What follows the last dot of TCGA's names is a part of them.
    @Test(arguments: [
        ("wsi", "T-01-DX1.F6E9.tif", "plain.tif"), ("wsi", "T-01-DX1.F6E9", "plain"),
        ("slide_id", "T-01-DX1.F6E9.tif", "plain.tif"), ("slide_id", "T-01-DX1.F6E9", "plain"),
        ("path", "/data/T-01-DX1.F6E9.tif", "x/plain.TIF"),
    ])
    func theMPPTableFindsSlidesByIdAndByFile(column: String, first: String, second: String) throws {
        let scratch = try Scratch()
        let entries = try ["T-01-DX1.F6E9", "plain"].map { SlideEntry(id: try SlideID($0), path: "/s/\($0).tif") }
        let table = try scratch.add("t.csv", "\(column),mpp\n\(first),0.25\n\(second),0.5\n")
        let merged = try SlideList.merge(mppTable: table, into: SlideList(entries: entries))
        #expect(merged.entries.map(\.mpp) == [0.25, 0.5])
        #expect(merged.notes.isEmpty)
    }

    @Test func rowsOfTheMPPTableThatMatchNothingAreSaidWithWhatWouldHelp() throws {
        let scratch = try Scratch()
        let entries = [SlideEntry(id: try SlideID("plain"), path: "/s/plain.tif")]
        let table = try scratch.add("typo.csv", "wsi,mpp\nPLAIN.tif,0.25\nplian.tif,0.25\n")
        let merged = try SlideList.merge(mppTable: table, into: SlideList(entries: entries))
        #expect(merged.entries.map(\.mpp) == [nil])
        #expect(
            merged.notes == [
                "typo.csv: 2 of 2 rows match no slide: 'PLAIN.tif' (line 2), 'plian.tif' (line 3); "
                    + "1 of 2 would match ignoring case"
            ]
        )
    }

    @Test func aListsFileIsFoundUnderTheIdThatTheListGaveIt() throws {
        let scratch = try Scratch()
        let entries = [
            SlideEntry(id: try SlideID("b"), path: "/s/a.tif"), SlideEntry(id: try SlideID("a"), path: "/s/c.tif"),
        ]
        let table = try scratch.add("t.csv", "wsi,mpp\na.tif,0.25\n")
        #expect(
            try SlideList.merge(mppTable: table, into: SlideList(entries: entries)).entries.map(\.mpp) == [0.25, nil]
        )
    }

    @Test func twoRowsForOneSlideNameBothLines() throws {
        let scratch = try Scratch()
        let entries = [SlideEntry(id: try SlideID("a"), path: "/s/a.tif")]
        let table = try scratch.add("t.csv", "slide_id,mpp\na,0.25\na.tif,0.5\n")
        let error = try #require(throws: StorageError.self) {
            try SlideList.merge(mppTable: table, into: SlideList(entries: entries))
        }
        #expect(error.message == "line 3: slide 'a' is already on line 2 with another value, 0.25")
    }

    @Test func everyProblemOfAnMPPTableIsReported() throws {
        let scratch = try Scratch()
        let table = try scratch.add("t.csv", "slide_id,mpp\na,0.25\na,0.5\nb,zero\n,0.5\nc,0\nd,\n")
        let error = try #require(throws: StorageError.self) { try SlideList.merge(mppTable: table, into: SlideList()) }
        #expect(
            error
                == .table(
                    path: table.path,
                    problems: [
                        "line 3: slide 'a' is already on line 2 with another value, 0.25",
                        "line 4: mpp 'zero' is no positive number",
                        "line 5: slide_id is empty", "line 6: mpp '0' is no positive number",
                        "line 7: mpp is empty; leave the line out, or give µm per pixel",
                    ]
                )
        )
        let nameless = try scratch.add("n.csv", "mpp\n0.5\n")
        #expect(throws: StorageError.self) { try SlideList.merge(mppTable: nameless, into: SlideList()) }
    }
}

extension String.UTF8View {
    /// By bytes: texts that differ only in how an accent is written compare equal.
    fileprivate func contains(subsequence wanted: [UInt8]) -> Bool { firstRange(of: wanted) != nil }
}
