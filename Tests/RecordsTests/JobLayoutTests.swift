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
        #expect(layout.outcome(stage: "tile", slide).path == "/jobs/one/outcomes/tile/\(id).json")
    }
}
