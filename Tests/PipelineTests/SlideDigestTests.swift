import Foundation
import Records
import Slides
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct SlideDigestTests {
    @Test func aPlainSlideIsItsFile() throws {
        let scratch = try Scratch()
        let slide = try scratch.add("a.svs", "abc")
        try scratch.add("a/Data0000.dat")
        #expect(
            try SlideDigest.quick(slide.path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test func anMRXSSlideIsItsFileAndItsFolder() throws {
        let scratch = try Scratch()
        let slide = try scratch.add("a.mrxs", "index")
        #expect(try SlideDigest.quick(slide.path) == Digest.sha256(Data("index".utf8)))
        try scratch.add("a/Slidedat.ini", "ini")
        try scratch.add("a/Data0000.dat", "tiles")
        let whole = try SlideDigest.quick(slide.path)
        #expect(try SlideDigest.quick(slide.path) == whole)

        try scratch.add("a/Data0000.dat", "tilEs")
        let changed = try SlideDigest.quick(slide.path)
        try scratch.add("a/Data0000.dat", "tiles")
        #expect(try SlideDigest.quick(slide.path) == whole)

        try scratch.add("a/Data0001.dat", "")
        let added = try SlideDigest.quick(slide.path)
        try FileManager.default.moveItem(at: scratch.file("a/Data0001.dat"), to: scratch.file("a/Data0002.dat"))
        let renamed = try SlideDigest.quick(slide.path)
        try scratch.add("a.mrxs", "other index")
        let other = try SlideDigest.quick(slide.path)
        #expect(Set([whole, changed, added, renamed, other]).count == 5)
    }

    @Test func aLinkedSlideIsItsTargetWithItsFolder() throws {
        let scratch = try Scratch()
        let slide = try scratch.add("store/a.mrxs", "index")
        try scratch.add("store/a/Data0000.dat", "tiles")
        let link = scratch.file("p1.mrxs")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: slide)
        #expect(try SlideDigest.quick(link.path) == SlideDigest.quick(slide.path))
        #expect(try SlideFiles(link.path).bytes == 5)
        #expect(try SlideFiles(link.path).main.path == slide.resolvingSymlinksInPath().path)
        // Where the folder is linked too, nothing else is needed.
        try FileManager.default.createSymbolicLink(
            at: scratch.file("p1"),
            withDestinationURL: scratch.file("store/a")
        )
        #expect(try SlideFiles(link.path).main.path == link.path)
        #expect(try SlideDigest.quick(link.path) == SlideDigest.quick(slide.path))
    }

    @Test func aPipeAmongASlidesFilesIsRefused() throws {
        let scratch = try Scratch()
        let slide = try scratch.add("a.mrxs", "index")
        try scratch.add("a/Data0000.dat", "tiles")
        let pipe = scratch.file("a/Index.dat").path
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: StorageError.notRegular(path: pipe, kind: "a named pipe")) { try SlideDigest.quick(slide.path) }
        let error = try #require(throws: SlideError.self) { try Slide(path: slide.path) }
        #expect((error.code, error.message.contains("Index.dat is a named pipe")) == (.slideOpen, true))
    }

    @Test func theDigestDoesNotDependOnWhereTheSlideLies() throws {
        let digests = try (0..<2).map { _ in
            let scratch = try Scratch()
            try scratch.add("b.mrxs", "index")
            try scratch.add("b/Data0000.dat", "tiles")
            return try SlideDigest.quick(scratch.file("b.mrxs").path)
        }
        #expect(digests[0] == digests[1])
    }
}

@Suite struct SlidePathsTests {
    @Test func pathsAreAddedAndAMovedSlideTakesItsNewPlace() throws {
        let scratch = try Scratch()
        let layout = JobLayout(root: scratch.file("job"))
        let (a, b) = (try SlideID("a"), try SlideID("b"))
        let first = try scratch.add("one/a.svs").path
        let second = try scratch.add("two/a.svs").path
        try SlidePaths.record([SlideEntry(id: a, path: first)], in: layout)
        #expect(try SlidePaths.read(layout).path(of: a) == first)
        try SlidePaths.record([SlideEntry(id: a, path: second), SlideEntry(id: b, path: first)], in: layout)
        let paths = try SlidePaths.read(layout)
        #expect(try paths.path(of: a) == second)
        #expect(try paths.path(of: b) == first)
    }

    /// Two commands on parts of a cohort know nothing of each other; neither may take the other's table away.
    @Test func eachSetOfSlidesHasATableOfItsOwn() throws {
        let scratch = try Scratch()
        let layout = JobLayout(root: scratch.file("job"))
        let entries = try ["a", "b", "c"].map {
            SlideEntry(id: try SlideID($0), path: try scratch.add("\($0).svs").path)
        }
        for part in [entries.prefix(2), entries.suffix(1)] { try SlidePaths.record(Array(part), in: layout) }
        let tables = try FileManager.default.contentsOfDirectory(atPath: layout.audit.appending(path: "slides").path)
        #expect(tables.count == 2)
        for entry in entries { #expect(try SlidePaths.read(layout).path(of: entry.id) == entry.path) }
    }

    @Test func aSlideThatIsGoneOrUnknownIsNamed() throws {
        let scratch = try Scratch()
        let layout = JobLayout(root: scratch.file("job"))
        let slide = try SlideID("a")
        try SlidePaths.record([SlideEntry(id: slide, path: scratch.file("gone.svs").path)], in: layout)
        for id in [slide, try SlideID("never")] {
            let error = try #require(throws: Failure.self) { try SlidePaths.read(layout).path(of: id) }
            #expect((error.code, error.subject) == (.notFound, id.text))
        }
    }
}
