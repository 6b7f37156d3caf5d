import Foundation
import Pipeline
import Records
import Review
import Slides
import Storage

extension HeatmapTask {
    /// Draws one slide's attention; the worker's side of `HeatmapStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    func outcome() throws -> Outcome {
        try Outcome.of(slide, stage: HeatmapStage.name(pictures: name), fingerprint: fingerprint) { outcome in
            let file = try PredictionFile(contentsOf: prediction)
            let opened = try Slide(path: slidePath)
            let picture = try opened.thumbnail(longestSide: heatmap.side)
            let backdrop = try Backdrop(
                image: RasterImage(width: picture.width, height: picture.height, pixels: picture.pixels),
                region: PixelRect(x: 0, y: 0, width: opened.size.width, height: opened.size.height)
            )
            let sheet = try HeatmapSheet(
                attentionOf: file,
                over: backdrop,
                scale: heatmap.scaleOfReview,
                colours: heatmap.coloursOfReview,
                opacity: Float(heatmap.opacity)
            )
            let table = try HeatmapTable.text(file.prediction, side: file.sideLevel0 ?? 0)
            let (png, csv) = (folder.appending(path: "\(slide.text).png"), folder.appending(path: "\(slide.text).csv"))
            try AtomicFile.write(table, to: csv)
            try AtomicFile.write(try sheet.image.png(), to: png)
            outcome.outputs = try JobLayout(root: job).digests(of: [png, csv])
            outcome.figures = ["patches": Double(file.prediction.attention.count)]
        }
    }
}

extension HeatmapConfig {
    fileprivate var scaleOfReview: HeatmapScale {
        switch scale {
        case .absolute: .absolute(range[0]...range[1])
        case .percentile: .percentile
        }
    }

    fileprivate var coloursOfReview: ColourMap {
        switch colours {
        case .lagoon: ColourMap(.lagoon)
        case .dune: ColourMap(.dune)
        }
    }
}
