import Foundation
import TestSupport
import Testing

/// Commands on real slides; the expectations are those of a user who knows the slides.
@Suite(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
struct SlideCommandTests {
    @Test(arguments: [
        ("broken.svs", "E_SLIDE_OPEN"), ("invalid_metadata.tif", "E_MPP_MISSING"),
        ("stripped_almost_empty.tif", "E_MPP_MISSING"),
    ])
    func anUnreadableSlideFailsAloneAndLeavesNothing(_ name: String, code: String) throws {
        let scratch = try Scratch()
        let result = try Command.run("tile", SharedData.path("negative/\(name)"), "--out", scratch["job"].path)
        #expect(result.exit == 3)
        #expect(result.errorLines.count == 1)
        #expect(result.errorLines.first?.contains("error[\(code)]") == true)
        let files = Scratch.tree(scratch["job"]).keys.filter { !$0.hasPrefix("outcomes/") && !$0.hasPrefix("audit/") }
        #expect(files.isEmpty)
    }

    @Test func anEmptyFileIsNoSlide() throws {
        let scratch = try Scratch()
        let file = try scratch.write("", to: "empty.svs")
        let result = try Command.run("tile", file.path, "--out", scratch["job"].path)
        #expect(result.exit == 3)
        #expect(result.errors.contains("error[E_SLIDE_OPEN] empty"))
    }

    @Test func aGreySlideIsOfTheWrongFormat() throws {
        let scratch = try Scratch()
        let slide = SharedData.path("negative/single_channel.tif")
        #expect(try Command.run("tile", slide, "--out", scratch["a"].path).exit == 3)
        let result = try Command.run("tile", slide, "--out", scratch["b"].path, "--slide-mpp", "0.5")
        #expect(result.exit == 3)
        #expect(result.errors.contains("error[E_SLIDE_FORMAT]"))
    }

    @Test func aSlideWithoutMicronsPerPixelFailsWithTheFixAndWorksWithIt() throws {
        let scratch = try Scratch()
        let slide = SharedData.path("slides/TCGA-CR-7395-01A-01-TS1.svs")
        let refused = try Command.run("tile", slide, "--out", scratch["a"].path)
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("error[E_MPP_MISSING]") && refused.errors.contains("--slide-mpp"))
        let tiled = try Command.run("tile", slide, "--out", scratch["b"].path, "--slide-mpp", "0.5")
        #expect(tiled.exit == 0)
        let outcome = try #require(Scratch.tree(scratch["b"])["outcomes/tile/TCGA-CR-7395-01A-01-TS1.json"])
        #expect(String(decoding: outcome, as: UTF8.self).contains(#""mpp_source" : "option""#))
    }

    @Test func aScriptEncoderRunsOnlyAfterConsent() throws {
        let scratch = try Scratch()
        let trust = ["WSI_TRUST_FILE": scratch["trust.json"].path]
        let encoder = SharedData.path("encoders/squeezenet1_0.json")
        let job = scratch["job"].path
        #expect(try Command.run("tile", SharedData.path("slides/CMU-1-Small-Region.svs"), "--out", job).exit == 0)
        let refused = try Command.run(["features", job, "--encoder", encoder], environment: trust)
        #expect(refused.exit == 5)
        #expect(refused.errors.contains("wsi encoder trust"))
        #expect(
            try Command.run(["encoder", "trust", encoder], environment: trust).exit == 5,
            "no terminal, no consent"
        )
        #expect(try Command.run(["encoder", "trust", encoder, "--yes"], environment: trust).exit == 0)
        let encoded = try Command.run(["features", job, "--encoder", encoder], environment: trust)
        #expect(encoded.exit == 0, "\(encoded.errors)")
        #expect(
            Scratch.tree(scratch["job"])["20x_256px_0px_overlap/features_squeezenet1_0/CMU-1-Small-Region.h5"] != nil
        )
    }

    @Test func infoTellsTheSlideItsScaleAndWhereThatCameFrom() throws {
        let result = try Command.run("info", SharedData.path("slides/CMU-1-Small-Region.svs"))
        #expect(result.exit == 0)
        for word in ["2220", "2967", "aperio", "0.499"] { #expect(result.output.contains(word)) }
        #expect(!result.output.contains("b414003d"), "the scanner's user is nobody's business")
        let json = try Command.run("info", SharedData.path("slides/cmu1_small_region_pyramid.tif"), "--json")
        #expect(json.output.contains(#""source" : "tiff_centimetre""#))
    }
}
