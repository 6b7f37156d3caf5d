import Files
import Foundation
import Imaging
import Records
import Storage
import TestSupport
import Testing

/// What is drawn of a study, on the job of the suite.
extension StudyCommandTests {
    @Test func aReportIsOneFileThatNeedsNoOther() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "reported")
        let made = try Command.run("report", job.path, "sample_002", "--model", "acmil", "--quiet")
        #expect(made.exit == 0, "\(made.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: job.appending(path: "reports/acmil").path)
        #expect(names == ["sample_002.html"])
        let text = try String(contentsOf: job.appending(path: "reports/acmil/sample_002.html"), encoding: .utf8)
        #expect(text.components(separatedBy: "src=\"data:image/jpeg;base64,").count == 4)
        for source in ["http:", "https:", "<script", "<link", job.path] { #expect(!text.contains(source)) }
        for fact in [
            "P(tumor)", "model acmil", "he-texture-v1", "Weights of fold", "mm²", "Apache-2.0",
        ] {
            #expect(text.contains(fact), "\(fact)")
        }
        #expect(text.utf8.count < 5_000_000)
        let none = try Command.run("report", job.path, "sample_099", "--model", "acmil", "--quiet")
        #expect(none.exit == 2)
    }

    @Test func moreOutputsOfAHeatmapStandBesideItAndAreMadeOnce() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "outputs")
        let usual = Scratch.tree(job.appending(path: "heatmaps/acmil"))
        let slide = try #require(usual.keys.min()).replacing(".csv", with: "")
        let flags = ["--panel", "--top", "--geojson", "--values", "--overlay", "--tiles"]
        let arguments = ["heatmap", job.path, "--model", "acmil", "--slide", slide] + flags
        let drawn = try Command.run(arguments)
        #expect(drawn.exit == 0, "\(drawn.errors)")
        let all = Scratch.tree(job.appending(path: "heatmaps/acmil"))
        let more = Set(all.keys).subtracting(usual.keys)
        let wanted = [".panel.png", ".top.png", ".top.0.png", ".top.4.png", ".geojson", ".h5", ".overlay.tif", ".dzi"]
        for suffix in wanted { #expect(more.contains(slide + suffix)) }
        #expect(more.contains("\(slide)_files/0/0_0.png"))
        #expect(more.allSatisfy { $0.hasPrefix(slide) })
        #expect(usual.allSatisfy { all[$0.key] == $0.value })
        #expect(try Command.run(arguments + ["--redo"]).exit == 0)
        #expect(Scratch.tree(job.appending(path: "heatmaps/acmil")) == all)
        let overlay = try Command.run("info", job.appending(path: "heatmaps/acmil/\(slide).overlay.tif").path)
        #expect(overlay.exit == 0, "\(overlay.errors)")
    }

    @Test func finerMapsOfTheTopRegionsAndOfADrawnOneAreMadeInAFolderOfTheirOwn() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "finer")
        let before = Scratch.tree(job)
        let slide = try #require(before.keys.filter { $0.hasPrefix("heatmaps/acmil/") && $0.hasSuffix(".csv") }.min())
            .replacing("heatmaps/acmil/", with: "").replacing(".csv", with: "")
        let arguments = ["heatmap", job.path, "--model", "acmil", "--slide", slide, "--overlap", "0.5"]
        let top = try Command.run(arguments + ["--top-regions", "2"])
        #expect(top.exit == 0, "\(top.errors)")
        let folder = job.appending(path: "finer/acmil-overlap0.5-top2")
        // What was looked at is remembered, and nothing else is written.
        func tree() -> [String: Data] { Scratch.tree(folder).filter { !$0.key.hasPrefix("audit/seen/") } }
        let finer = tree()
        for name in ["\(slide).csv", "\(slide).region_1.png", "\(slide).region_2.png"] {
            #expect(finer["heatmaps/acmil/\(name)"] != nil, "\(finer.keys.sorted())")
        }
        #expect(before.allSatisfy { Scratch.tree(job)[$0.key] == $0.value })
        // The patches are of the regions alone, at half their distance on the slide's grid, with their shares of the slide.
        let usual = try PredictionFile(contentsOf: job.appending(path: "predictions/acmil/\(slide).h5"))
        let close = try PredictionFile(contentsOf: folder.appending(path: "predictions/acmil/\(slide).h5"))
        #expect(close.bagPatches == usual.prediction.attention.count)
        #expect(close.prediction.answer.ofClass?.probabilities == usual.prediction.answer.ofClass?.probabilities)
        let step = try #require(usual.grid).geometry.stepLevel0
        #expect(close.grid?.geometry.stepLevel0 == step / 2)
        let regions = try GeoJSON(contentsOf: folder.appending(path: "regions/\(slide).geojson"))
        #expect(regions.features.count == 2)
        var shared = 0
        for (corner, value) in zip(close.prediction.corners, close.prediction.attention) {
            // A patch has a quarter of tissue in a region, so that one of these points of it lies there.
            let inside = [0.1, 0.5, 0.9].contains { down in
                [0.1, 0.5, 0.9].contains { across in
                    regions.contains(
                        PlanePoint(
                            x: Double(corner.x) + across * Double(step),
                            y: Double(corner.y) + down * Double(step)
                        )
                    )
                }
            }
            #expect(inside)
            guard let patch = usual.prediction.corners.firstIndex(of: corner) else { continue }
            shared += 1
            #expect(abs(value - usual.prediction.attention[patch]) <= 1e-4 * usual.prediction.attention[patch])
        }
        #expect(shared > 8)
        #expect(close.prediction.corners.count > 2 * shared)
        let again = try Command.run(arguments + ["--top-regions", "2"])
        #expect(again.exit == 0 && tree() == finer)

        let drawn = scratch["region.geojson"]
        let list = String(decoding: try regions.fromBounds(x: 0, y: 0).data(), as: UTF8.self)
        let nothing = #"{"features":[{"type":"Feature","geometry":null,"properties":{}},"#
        try Data(list.replacing(#"{"features":["#, with: nothing).utf8).write(to: drawn)
        let given = try Command.run(arguments + ["--regions", drawn.path])
        #expect(given.exit == 0, "\(given.errors)")
        #expect(given.errors.contains("are not used (1 without a geometry): region.geojson"))
        let names = try FileManager.default.contentsOfDirectory(atPath: job.appending(path: "finer").path)
        let other = try #require(names.first { $0.hasPrefix("acmil-overlap0.5-regions-") })
        let same = try PredictionFile(contentsOf: job.appending(path: "finer/\(other)/predictions/acmil/\(slide).h5"))
        #expect(same.prediction == close.prediction)
        #expect(try Command.run(["heatmap", job.path, "--model", "acmil", "--top-regions", "2"]).exit == 2)
    }

    @Test func heatmapsDrawnOtherwiseStandBesideTheUsualOnes() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "pictures")
        // What is asked for is there, or it is said.
        let nope = try Command.run("heatmap", job.path, "--model", "acmil", "--slide", "nope", "--slide", "sample_002")
        #expect(nope.exit == 2)
        #expect(nope.errorLines.count == 1)
        #expect(nope.errorLines.first?.hasPrefix("wsi: error[E_NOT_FOUND] nope: no prediction of acmil") == true)
        let cased = try Command.run("report", job.path, "SAMPLE_002", "--model", "acmil")
        #expect(cased.exit == 2)
        #expect(cased.errors.contains("it would match ignoring case"), "\(cased.errors)")
        #expect(!FileManager.default.fileExists(atPath: job.appending(path: "reports").path))
        let file = try Command.run("heatmap", job.path, "--model", "acmil", "--slide", "sample_002.svs")
        #expect(file.exit == 0 && file.errors.contains("1 slide: 1 ok"), "\(file.errors)")
        let usual = Scratch.tree(job.appending(path: "heatmaps/acmil"))
        let drawn = try Command.run(
            "heatmap",
            job.path,
            "--model",
            "acmil",
            "--scale",
            "percentile",
            "--colours",
            "dune",
            "--side",
            "500"
        )
        #expect(drawn.exit == 0, "\(drawn.errors)")
        let other = Scratch.tree(job.appending(path: "heatmaps/acmil-500px-percentile-dune"))
        #expect(other.count == 24)
        #expect(Set(other.keys) == Set(usual.keys))
        #expect(usual.keys.filter { $0.hasSuffix(".png") }.allSatisfy { other[$0] != usual[$0] })
        #expect(Scratch.tree(job.appending(path: "heatmaps/acmil")) == usual)
        let again = try Command.run("heatmap", job.path, "--model", "acmil")
        #expect(again.exit == 0)
        #expect(again.errors.contains("all already done"))
    }
}
