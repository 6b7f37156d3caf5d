import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Slides whose index names their other files: which these are, and what is said where one is not there.
struct NamedFilesTests {
    private let scratch: Scratch
    private static let glass = WrittenGlass(
        PixelSize(width: 512, height: 256),
        blobs: [PixelRect(x: 128, y: 64, width: 128, height: 128)]
    )

    init() throws { scratch = try Scratch() }

    private func vms(_ name: String = "made") throws -> URL {
        try WrittenVMS(glass: Self.glass, columns: 2, rows: 1).write(to: scratch.folder, name: name)
    }

    private func parts(_ index: String) throws -> [HamamatsuIndex.Part] {
        let url = scratch.file("some.vms")
        try Data(index.utf8).write(to: url)
        return try HamamatsuIndex(url).parts
    }

    private func refusal(_ url: URL) -> SlideError? {
        do { _ = try Slide(path: url.path) } catch { return error as? SlideError }
        return nil
    }

    private func change(_ url: URL, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        try #require(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: url)
    }

    @Test func everyFileThatAnIndexNamesIsOfTheSlide() throws {
        let (index, other) = (try vms(), try WrittenVMU(glass: Self.glass).write(to: scratch.folder, name: "raw"))
        // Of another slide.
        _ = try vms("neighbour")
        let files = try SlideFiles(index.path)
        #expect(
            files.companions.map(\.lastPathComponent)
                == ["made_map.jpg", "made_macro.jpg", "made.opt", "made-0-0.jpg", "made-1-0.jpg"]
        )
        #expect(try HamamatsuIndex(index).objection(to: index) == nil)
        #expect(try SlideFiles(other.path).companions.map(\.lastPathComponent) == ["raw.ngr", "raw_map.ngr"])
    }

    @Test func anIndexIsReadAsGLibReadsIt() throws {
        let found = try parts(
            "\u{FEFF}# a note\r\n[Other]\r\nImageFile=no.jpg\r\n[Virtual Microscope Specimen]\r\n  ImageFile = a b.jpg\r\n"
                + "ImageFile(1,0)=c/d.jpg\r\nImageFile(2)=plane.jpg\r\nImageFile(2,1,0)=plane2.jpg\r\n"
                + "ImageFile(0,0,1)=e.jpg\r\nOptimisationFile=a.opt\r\nMapFile=\r\nMacroImage=../m.jpg\r\nSourceLens=40\r\n"
        )
        #expect(found.map(\.name) == ["a b.jpg", "c/d.jpg", "plane.jpg", "plane2.jpg", "e.jpg", "a.opt", "../m.jpg"])
        #expect(found.map(\.isNeeded) == [true, true, false, false, true, false, true])
        #expect(found.map(\.name).filter(\.leadsOutside) == ["../m.jpg"])
        #expect(try parts("no index").isEmpty && parts("").isEmpty)
        // As large a text is none for OpenSlide.
        let long = String(repeating: "#\n", count: 40_000)
        #expect(try parts("[Virtual Microscope Specimen]\nMapFile=a.jpg\n\(long)").isEmpty)
    }

    @Test(arguments: ["made-1-0.jpg", "made_map.jpg", "made_macro.jpg"])
    func aFileThatIsNotThereIsNamed(_ name: String) throws {
        let index = try vms()
        try FileManager.default.removeItem(at: scratch.file(name))
        let error = refusal(index)
        #expect(error?.code == .slideFormat)
        let start = "Hamamatsu VMS without its file \(name), which is not read; it is a part of the slide: copy it"
        #expect(error?.message == "\(start) to where it was, under that name")
        #expect(try SlideFiles(index.path).companions.count == 4)
    }

    @Test func withoutItsOffsetsASlideIsReadAsWell() throws {
        let index = try vms()
        try FileManager.default.removeItem(at: scratch.file("made.opt"))
        try expect(Self.glass, on: try Slide(path: index.path), levels: [0])
    }

    @Test(arguments: ["../made_map.jpg", "/etc/hostname"])
    func aFileElsewhereIsNoPartOfASlide(_ name: String) throws {
        let index = try vms()
        try change(index, "MapFile=made_map.jpg", "MapFile=\(name)")
        let error = refusal(index)
        #expect(error?.code == .slideFormat)
        #expect(error?.message.hasPrefix("Hamamatsu VMS that names a file outside of its folder, \(name), ") == true)
        #expect(try SlideFiles(index.path).companions.count == 4)
    }

    /// OpenSlide 4.0.1 ends the process at them.
    @Test(arguments: [("36", "24"), ("36", "x"), ("RGB", "BGR"), ("BitsPerPixel=36\n", ""), ("PixelOrder=RGB\n", "")])
    func pixelsOfAnotherFormAreRefused(_ change: (old: String, new: String)) throws {
        let index = try WrittenVMU(glass: Self.glass).write(to: scratch.folder, name: "raw")
        try self.change(index, change.old, change.new)
        for name in ["raw.vmu", "raw.txt"] {
            let url = scratch.file(name)
            if url != index { try FileManager.default.copyItem(at: index, to: url) }
            let error = refusal(url)
            #expect(error?.code == .slideFormat, "\(error?.message ?? "it opened")")
            #expect(error?.message.contains(" with pixels of ") == true)
        }
    }

    @Test func aLinkToTheIndexAloneLeadsToItsFiles() throws {
        let target = try vms()
        let folder = scratch.file("links")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let link = folder.appending(path: "p1.vms")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
        #expect(try SlideFiles(link.path).main.path == target.resolvingSymlinksInPath().path)
        #expect(try SlideFiles(link.path).companions.count == 5)
        try expect(Self.glass, on: try Slide(path: link.path), levels: [0])
    }
}
