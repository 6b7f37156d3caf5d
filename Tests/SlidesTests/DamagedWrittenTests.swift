import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Slides of several files, and such as only tests can write, of which something is missing or wrong.
struct DamagedWrittenTests {
    private let scratch: Scratch
    private static let glass = WrittenGlass(
        PixelSize(width: 1024, height: 512),
        blobs: [PixelRect(x: 128, y: 64, width: 128, height: 128)]
    )
    private static let photos = [(0, 0), (512, 0)].map { PixelPoint(x: $0.0, y: $0.1) }

    init() throws { scratch = try Scratch() }

    private func mirax() throws -> URL {
        try WrittenMirax(glass: Self.glass, columns: 2, rows: 1, photos: Self.photos, overlap: 0)
            .write(to: scratch.folder, name: "made")
    }

    private func refusal(_ url: URL) -> Failure {
        do { _ = try Slide(path: url.path) } catch { return Failure(error) }
        return Failure(.bug, nil, "it opened")
    }

    private func change(_ name: String, _ body: (inout String) -> Void) throws {
        var text = try String(contentsOf: scratch.file(name), encoding: .utf8)
        body(&text)
        try Data(text.utf8).write(to: scratch.file(name))
    }

    @Test(arguments: ["Index.dat", "Data0000.dat", "Slidedat.ini"])
    func aFileThatAMIRAXLacksIsNamed(_ name: String) throws {
        let url = try mirax()
        try FileManager.default.removeItem(at: scratch.file("made/\(name)"))
        let refused = refusal(url)
        #expect(refused.code == .slideFormat)
        #expect(
            refused.message.hasPrefix("MIRAX without its file made/\(name), which is not read; "),
            "\(refused.message)"
        )
        #expect(refused.message.contains("copy it to where it was") && !refused.message.contains("re-copy"))
    }

    /// The file that is opened is a JPEG, which nobody should convert.
    @Test(
        arguments: [
            ("IMAGENUMBER_X = 4\n", ""), ("HIER_COUNT = 1\n", ""), ("FILE_COUNT = 1\n", ""),
            ("INDEXFILE = Index.dat\n", ""),
            ("IMAGENUMBER_X = 4", "IMAGENUMBER_X = -4"), ("IMAGENUMBER_X = 4", "IMAGENUMBER_X = 99999999999999999999"),
            ("CameraImageDivisionsPerSide = 2", "CameraImageDivisionsPerSide = 3"), ("[GENERAL]", "[OTHER]"),
        ]
    )
    func whatIsWrongInAMIRAXIsToldInTheReadersWords(_ wrong: (old: String, new: String)) throws {
        let url = try mirax()
        try change("made/Slidedat.ini") { $0 = $0.replacing(wrong.old, with: wrong.new) }
        let refused = refusal(url)
        #expect(refused.code == .slideOpen, "\(refused.message)")
        #expect(refused.message.contains("compare it with its source") && !refused.message.contains("\n"))
        #expect(!refused.message.contains("picture") && !refused.message.contains(scratch.folder.path))
    }

    /// OpenSlide 4.0.1 ends the process, or is lost in the first.
    @Test(arguments: [("IMAGENUMBER_X", "4"), ("FILE_COUNT", "1"), ("HIER_0_COUNT", "3")])
    func countsBeyondAllSlidesAreRefused(_ key: String, _ value: String) throws {
        let url = try mirax()
        try change("made/Slidedat.ini") { $0 = $0.replacing("\(key) = \(value)", with: "\(key) = 2147483647") }
        let refused = refusal(url)
        #expect(refused.code == .slideFormat)
        #expect(refused.message.hasPrefix("MIRAX whose Slidedat.ini has \(key) = 2147483647, "), "\(refused.message)")
    }

    @Test func otherEndsOfLinesAndAMarkOfTheirOrderChangeNothing() throws {
        let url = try mirax()
        try change("made/Slidedat.ini") { $0 = "\u{FEFF}" + $0.replacing("\n", with: "\r\n") }
        try expect(Self.glass, on: try Slide(path: url.path), levels: [0, 1])
    }

    @Test func aJPEGOfAVMSThatIsNoneIsToBeCompared() throws {
        let url = try WrittenVMS(glass: Self.glass, columns: 2, rows: 1).write(to: scratch.folder, name: "made")
        try Data("no JPEG".utf8).write(to: scratch.file("made-1-0.jpg"))
        let refused = refusal(url)
        #expect(refused.code == .slideOpen && refused.message.contains("compare it with its source"))
        #expect(refused.message.contains("JPEG 1"), "\(refused.message)")
    }

    @Test(.enabled(if: SlideLibraries.openSlide.hasPrefix("4."), "OpenSlide 3 says it in other words"))
    func onlyWhatEndsTooEarlyIsToBeCopiedAgain() throws {
        let vms = try WrittenVMS(glass: Self.glass, columns: 2, rows: 1).write(to: scratch.folder, name: "vms")
        try Data().write(to: scratch.file("vms-1-0.jpg"))
        let mirax = try mirax()
        let store = scratch.file("made/Data0000.dat")
        try Data(contentsOf: store).prefix(3000).write(to: store)
        let czi = scratch.file("made.czi")
        let scene = PixelRect(x: 0, y: 0, width: 400, height: 272)
        try WrittenZeiss(glass: Self.glass, scenes: [scene], levels: 1).data().prefix(9000).write(to: czi)
        for url in [vms, mirax, czi] {
            let refused = refusal(url)
            #expect(refused.code == .slideOpen && refused.message.contains("; re-copy it"), "\(refused.message)")
        }
    }

    @Test func aDatabaseOfSomethingElseIsNoSlide() throws {
        let url = scratch.file("made.svslide")
        try SQLiteLibrary.write(["CREATE TABLE a (b TEXT)"], to: url)
        #expect(refusal(url).code == .slideOpen)
        var statements = try WrittenSakura(planes: [Self.glass], levels: 1).statements()
        statements.append("DELETE FROM MyTable WHERE id = 'Header'")
        try FileManager.default.removeItem(at: url)
        try SQLiteLibrary.write(statements, to: url)
        let refused = refusal(url)
        #expect(refused.code == .slideOpen && refused.message.contains("Header"), "\(refused.message)")
    }

    @Test(.enabled(if: SlideLibraries.openSlide.hasPrefix("4."), "OpenSlide 3 knows no CZI"))
    func aCZIOfJPEGXRIsNamedForIt() throws {
        let url = scratch.file("made.czi")
        let scene = PixelRect(x: 0, y: 0, width: 400, height: 272)
        try WrittenZeiss(glass: Self.glass, scenes: [scene], levels: 1, compression: .jpegXR).data().write(to: url)
        let refused = refusal(url)
        #expect(refused.code == .slideFormat)
        #expect(refused.message.hasPrefix("Zeiss CZI (JPEG XR compression is not supported), which is not read; "))
    }

    /// OpenSlide then shows what stands first in the file, the macro, as a plain TIFF.
    @Test func anSCNWithoutItsXMLIsNotItsMacro() throws {
        let url = scratch.file("made.scn")
        let scene = PixelRect(x: 0, y: 0, width: 512, height: 256)
        var data = try WrittenLeica(planes: [Self.glass], scenes: [scene]).data()
        let place = try #require(data.range(of: Data("<scn xmlns".utf8)))
        data.replaceSubrange(place, with: Data("<sxx xmlns".utf8))
        try data.write(to: url)
        let refused = refusal(url)
        #expect(refused.code == .slideFormat)
        #expect(refused.message.hasPrefix("Leica SCN in whose XML OpenSlide finds no slide, which is not read; "))
    }
}
