import Foundation
import Records
import Testing

@Suite struct JobLayoutTests {
    private let layout = JobLayout(root: URL(filePath: "/jobs/one"))

    @Test(arguments: [
        (0.5, 256, 0, "20x_256px_0px_overlap"), (0.25, 512, 64, "40x_512px_64px_overlap"),
        (0.8, 256, 0, "12.5x_256px_0px_overlap"), (1.0, 224, 0, "10x_224px_0px_overlap"),
        (0.3, 256, 0, "33.3333x_256px_0px_overlap"), (20.0, 16, 0, "0.5x_16px_0px_overlap"),
        (0.4, 256, 0, "25x_256px_0px_overlap"),
    ])
    func aGridsFolderIsNamedAsTRIDENTNamesIt(mpp: Double, patchSize: Int, overlap: Int, name: String) {
        #expect(JobLayout.gridName(mpp: mpp, patchSize: patchSize, overlap: overlap) == name)
        #expect(layout.grids(mpp: mpp, patchSize: patchSize, overlap: overlap).path == "/jobs/one/\(name)")
    }

    @Test func everySlideHasItsFilesBelowTheJob() throws {
        let slide = try SlideID("Fall #12, 50 (ä)")
        let grid = layout.grids(mpp: 0.5, patchSize: 256, overlap: 0)
        let id = slide.text
        #expect(layout.patches(in: grid, slide).path == "/jobs/one/20x_256px_0px_overlap/patches/\(id)_patches.h5")
        #expect(
            layout.features(in: grid, encoder: "uni", slide).path
                == "/jobs/one/20x_256px_0px_overlap/features_uni/\(id).h5"
        )
        #expect(layout.outcome(stage: .tile, UnitID(slide)).path == "/jobs/one/outcomes/tile/\(id).json")
    }

    @Test(arguments: StageNameTests.names) func aTrainingsFolderTellsItsJobAndName(name: String) {
        for training in [layout.training(name), layout.training(name, seed: 3)] {
            let read = TrainingFolder(at: training.url)
            #expect(read.name == training.name)
            #expect(read.job.root.path == layout.root.path)
            #expect(read.fold(2).url.path == training.url.path + "/fold_2")
        }
        #expect(
            layout.training(name, seed: 3).fold(1).file(.card).path
                == "/jobs/one/training/\(name)/seed_3/fold_1/checkpoint.json"
        )
        #expect(JobLayout.trainingPath(TrainingName(name)) == "training/\(name)/")
    }

    @Test func aCopyOfATrainingHasItsFoldersName() {
        #expect(TrainingFolder(at: URL(filePath: "/models/acmil")).name == TrainingName("acmil"))
        #expect(TrainingFolder(at: URL(filePath: "/models/acmil/seed_3")).name == TrainingName("acmil", seed: 3))
    }

    @Test func everyFolderIsReadBackByItsName() {
        for folder in JobLayout.Folder.allCases { #expect(JobLayout.Folder(rawValue: folder.rawValue) == folder) }
        let folders: [JobLayout.GridFolder] = [.patches, .visualization, .quality, .features(encoder: "uni_v1")]
        for folder in folders { #expect(JobLayout.GridFolder(name: folder.name) == folder) }
        #expect(JobLayout.GridFolder(name: "feature") == nil)
        #expect(JobLayout.isGridName(JobLayout.gridName(mpp: 0.3, patchSize: 256, overlap: -8)))
        #expect(!JobLayout.isGridName("training"))
    }

    @Test func filesLieWhereTheyAlwaysDid() throws {
        let (slide, model) = (try SlideID("S1"), TrainingName("m", seed: 2))
        #expect(layout.prediction(of: model, slide).path == "/jobs/one/predictions/m/seed_2/S1.h5")
        #expect(layout.heatmaps("m-dune").path == "/jobs/one/heatmaps/m-dune")
        #expect(layout.reports("m").path == "/jobs/one/reports/m")
        #expect(layout.decisions(about: slide).path == "/jobs/one/review/decisions/S1.jsonl")
        #expect(layout.finer("x").regions(of: slide).path == "/jobs/one/finer/x/regions/S1.geojson")
        #expect(layout.finer("x").owner?.root.path == layout.root.path && layout.owner == nil)
        #expect(layout.audit(.runs).path == "/jobs/one/audit/runs")
        #expect(JobLayout.outlines(of: slide) == "contours_geojson/S1.geojson")
        #expect(JobLayout.outcomePath(stage: .train("m"), .fold(1, seed: nil)) == "outcomes/train_m/fold_1.json")
        let outcome = layout.outcome(stage: .predict(model), UnitID(slide))
        #expect(outcome.path == "/jobs/one/outcomes/predict_m/seed_2/S1.json")
    }
}
