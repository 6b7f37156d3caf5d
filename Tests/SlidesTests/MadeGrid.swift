import Config
import Records
import Slides

extension PatchGrid {
    /// Patches of a slide where a test wants them.
    init(_ slide: Slide, patchSize: Int, mpp: Double = 0.5, target: Double = 0.5, _ corners: [PixelPoint]) throws {
        var config = TilingConfig()
        (config.patchSize, config.mpp) = (patchSize, target)
        self.init(
            slide: try SlideID("made"),
            geometry: try GridPlanner.geometry(of: slide.pyramid, mpp: mpp, config: config),
            scale: SlideScale(mpp: mpp, source: .option),
            slideSize: slide.size,
            bounds: slide.bounds,
            corners: corners
        )
    }
}
