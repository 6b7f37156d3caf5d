import Foundation
import Records
import Sample
import TestSupport
import Testing

@Suite struct EmptySlideTests {
    private func blank(_ scratch: Scratch, description: PyramidOptions.Description) throws -> URL {
        let url = scratch["blank.svs"]
        let paper = try PixelArray(size: PixelSize(width: 1200, height: 900), red: 243, green: 242, blue: 244)
        try PyramidWriter.write(paper, to: url, options: PyramidOptions(description: description))
        return url
    }

    @Test func aSlideWithoutTissueIsEmptyAndNoFailure() throws {
        let scratch = try Scratch()
        let slide = try blank(scratch, description: .aperio(mpp: 0.5, magnification: 20))
        let tiled = try Command.run("tile", slide.path, "--out", scratch["job"].path)
        #expect(tiled.exit == 0, "\(tiled.errors)")
        #expect(tiled.errors.contains("0 ok, 1 empty, 0 failed"))
        let outcome = try #require(Scratch.tree(scratch["job"])["outcomes/tile/blank.json"])
        let text = String(decoding: outcome, as: UTF8.self)
        #expect(text.contains(#""status" : "empty""#) && text.contains(#""reason""#))
        let encoded = try Command.run("features", scratch["job"].path, "--encoder", "he-texture-v1")
        #expect(encoded.exit == 0)
        #expect(encoded.errors.contains("0 ok, 1 empty, 0 failed"))
    }

    @Test func aTableOfMicronsPerPixelServesSlidesThatDoNotSay() throws {
        let scratch = try Scratch()
        let slide = try blank(scratch, description: .aperioWithoutScale)
        #expect(try Command.run("tile", slide.path, "--out", scratch["a"].path).errors.contains("E_MPP_MISSING"))
        let table = try scratch.write("wsi,mpp\nblank.svs,0.25\n", to: "mpp.csv")
        let tiled = try Command.run("tile", slide.path, "--mpp-csv", table.path, "--out", scratch["b"].path)
        #expect(tiled.exit == 0, "\(tiled.errors)")
        let outcome = try #require(Scratch.tree(scratch["b"])["outcomes/tile/blank.json"])
        let text = String(decoding: outcome, as: UTF8.self)
        #expect(text.contains(#""mpp" : "0.25""#) && text.contains(#""mpp_source" : "table""#))
    }
}
