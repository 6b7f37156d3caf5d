import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// Slides of several files are found once, under one name.
@Suite struct DICOMListTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func add(_ path: String, _ instance: String, pyramid: String? = nil, kind: String = "VOLUME", side: Int = 8)
        throws
    {
        var file = TestDICOM(instance: instance, width: side, height: side)
        (file.tileWidth, file.tileHeight, file.pyramid, file.kind) = (side, side, pyramid, kind)
        file.frames = [Data(count: side * side * 3)]
        file.container = pyramid.map { $0 == "7.1" ? "S 1" : "S/../2" }
        file.planted = [TestDICOM.Planted(0x0010_0010, "PN", "PLANTED")]
        try scratch.add(path)
        try file.data().write(to: scratch.file(path))
    }

    private func addTwo() throws {
        try add("case/a", "1.1", pyramid: "7.2")
        try add("case/1.22.333", "1.2", pyramid: "7.2", side: 4)
        try add("case/c.dcm", "1.3", pyramid: "7.1")
        try add("case/label.dcm", "1.4", pyramid: "7.1", kind: "LABEL")
    }

    @Test func aFolderOfOnePyramidIsOneSlideOfItsName() throws {
        try add("slides/one/a.dcm", "1.1")
        try add("slides/one/b", "1.2", side: 4)
        try add("slides/two/x.dcm", "1.1")
        try scratch.add("slides/three.svs")
        let list = try SlideList.find(paths: [scratch.file("slides").path])
        #expect(list.entries.map(\.id.text) == ["one", "three", "two"] && list.notes.isEmpty)
        let main = scratch.file("slides/one/a.dcm").path
        #expect(list.entries[0].path == main)
        for path in ["slides/one", "slides/one/a.dcm", "slides/one/b"] {
            let named = try SlideList.find(paths: [scratch.file(path).path])
            #expect(named.entries == [SlideEntry(id: try SlideID("one"), path: main)], "\(path)")
        }
        let both = ["slides/one/a.dcm", "slides/one/b"].map { scratch.file($0).path }
        #expect(try SlideList.find(paths: both).entries.count == 1)
    }

    @Test func pyramidsOfOneFolderAreNumberedInTheOrderOfTheirUIDs() throws {
        try addTwo()
        let list = try SlideList.find(paths: [scratch.file("case").path])
        #expect(list.entries.map(\.id.text) == ["case_1", "case_2"])
        #expect(list.entries.map { URL(filePath: $0.path).lastPathComponent } == ["c.dcm", "a"])
        #expect(list.notes.first?.hasSuffix("not considered: 1 DICOM without levels of a slide") == true)
        // A file that is a slide alone has its name.
        #expect(try SlideList.find(paths: [scratch.file("case/c.dcm").path]).entries.map(\.id.text) == ["c"])
    }

    @Test func aListNamesASlideByItsFolderOrAFile() throws {
        try addTwo()
        try add("one/a.dcm", "1.1")
        let list = try scratch.add("list.csv", "wsi,slide_id\none,\ncase/1.22.333,x\n")
        #expect(try SlideList.read(list: list).entries.map(\.id.text) == ["one", "x"])
        let doubtful = try scratch.add("list.csv", "wsi\ncase\n")
        let error = try #require(throws: Failure.self) {
            do { _ = try SlideList.read(list: doubtful) } catch { throw Failure(error) }
        }
        #expect(error.message.contains("line 2: 'case' is a folder, and not of one DICOM slide"))
    }

    @Test func whatALaboratoryCallsTheGlassIsTakenOnlyWhereAsked() throws {
        try addTwo()
        let list = try SlideList.find(paths: [scratch.file("case").path], naming: .container)
        #expect(list.entries.map(\.id.text) == ["S 1"])
        let text = list.leftOut.first?.failure.message ?? ""
        #expect(text.hasPrefix("1 slide(s) have no ContainerIdentifier, or name, that is a safe id: 'a'; "))
        #expect(!text.contains("S/../2"))
    }

    @Test func theDigestIsOfEveryFileOfThePyramidAndOfNoOther() throws {
        try add("case/a", "1.1")
        try add("case/b", "1.2", side: 4)
        let digest = try SlideDigest.quick(scratch.file("case/a").path)
        #expect(try SlideDigest.quick(scratch.file("case/b").path) == digest)
        #expect(try SlideDigest.quick(scratch.file("case").path) == digest)
        try add("case/other", "1.3", pyramid: "7.1")
        #expect(try SlideDigest.quick(scratch.file("case/a").path) == digest)
        try add("case/c", "1.4", side: 2)
        #expect(try SlideDigest.quick(scratch.file("case/a").path) != digest)
    }
}
