import Foundation
import Pipeline
import Records
import Review
import Slides
import Storage

extension HeatmapTask {
    /// Draws one slide's attention; the worker's side of `HeatmapStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    func outcome(times: inout WorkTimes) throws -> Outcome {
        try Outcome.of(slide, stage: HeatmapStage.name(pictures: name), fingerprint: fingerprint) { outcome in
            var watch = Stopwatch()
            let file = try PredictionFile(contentsOf: prediction)
            let opened = try Slide(path: slidePath)
            let ground = try opened.thumbnail(longestSide: heatmap.side)
            let backdrop = try Backdrop(
                image: RasterImage(width: ground.width, height: ground.height, pixels: ground.pixels),
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
            let picture = try sheet.image.png()
            times.add(opened.readingTime, to: .decode)
            times.add(watch.lap() - opened.readingTime, to: .transform)
            try AtomicFile.write(table, to: csv)
            try AtomicFile.write(picture, to: png)
            outcome.outputs = try JobLayout(root: job).digests(of: [png, csv])
            times.add(watch.lap(), to: .write)
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
