import Config
import Files
import Foundation
import Imaging
public import Records
import Slides
import Storage

extension TileTask {
    /// Tiles the slide and publishes its files; the worker's side of `TileStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    public func outcome(version: String, times: inout WorkTimes) throws -> Outcome {
        try Outcome.of(entry.id, stage: StageName.tile, fingerprint: fingerprint) { outcome in
            var watch = Stopwatch()
            let slide = try Slide(path: entry.path, rules: tiling.rules)
            guard fingerprint[.slide] != TileStage.unreadable else {
                throw Failure(
                    .io,
                    entry.id.text,
                    "its file could not be read at first and can be now; run the command again"
                )
            }
            let tiled = try SlideTiling(
                of: slide,
                id: entry.id,
                config: tiling,
                tableMPP: entry.mpp,
                regions: regions.map { try AnnotatedRegions(contentsOf: $0) }
            )
            times.add(slide.readingTime, to: .decode)
            times.add(watch.lap() - slide.readingTime, to: .transform)
            try outcome.record(publish(tiled, version: version), in: JobLayout(root: job))
            times.add(watch.lap(), to: .write)
            outcome.status = tiled.grid.count == 0 ? .empty : .ok
            outcome.notes = tiled.notes.isEmpty ? nil : tiled.notes
            tell(of: tiled, vendor: slide.vendor, in: &outcome)
            outcome[.openSlide] = slide.openSlide
            outcome[.fileBytes] = Double(try SlideFiles(entry.path).bytes)
        }
    }

    /// What the tiling found, as facts and figures.
    private func tell(of tiled: SlideTiling, vendor: String, in outcome: inout Outcome) {
        let (grid, quality) = (tiled.grid, tiled.slideQuality)
        outcome[.grid] = JobLayout.gridName(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        outcome[.mpp] = "\(grid.scale.mpp)"
        outcome[.patchMPP] = "\(grid.geometry.mpp)"
        outcome[.mppSource] = grid.scale.source.rawValue
        outcome[.vendor] = vendor
        outcome[.maskThreshold] = "\(tiled.tissue.threshold)"
        outcome.emptyReason = tiled.emptyReason
        if !quality.flags.isEmpty { outcome[.quality] = quality.flags.joined(separator: "; ") }
        if tiled.regionsOriginIsAssumed { outcome[.regionsOrigin] = "bounds, assumed" }
        outcome[.patches] = Double(grid.count)
        outcome[.width] = Double(grid.slideSize.width)
        outcome[.height] = Double(grid.slideSize.height)
        for figure in QualityColumn.figures where figure.onlyWith.map({ tiling.exclusions[$0] != nil }) ?? true {
            outcome[figure.name] = figure.value(quality)
        }
        outcome[.scaleRatio] = grid.scale.mpp * grid.geometry.levelDownsample / tiling.mpp
        for (figure, value) in zip(Self.meanColour, tiled.tissue.meanRGB ?? []) {
            outcome[figure] = (value * 1000).rounded() / 1000
        }
    }

    /// Red, green and blue.
    static let meanColour: [Outcome.Figure] = [.meanRed, .meanGreen, .meanBlue]

    private func publish(_ tiled: SlideTiling, version: String) throws -> [URL] {
        let layout = JobLayout(root: job)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        let name = "\(entry.id.text).jpg"
        let pictures = [
            (layout.thumbnails.appending(path: name), tiled.thumbnail),
            (layout.contours.appending(path: name), tiled.contours),
            (layout.root.appending(path: JobLayout.outlines(of: entry.id)), tiled.contoursGeoJSON),
            (layout.picture(.visualization, in: grid, entry.id), tiled.visualization),
            (layout.picture(.quality, in: grid, entry.id), tiled.findings),
        ]
        let patches = layout.patches(in: grid, entry.id)
        let own = [
            "wsi_fingerprint": try CanonicalJSON.fingerprint(fingerprint), "wsi_version": version,
            "wsi_slide_digest": fingerprint[.slide] ?? "",
            "wsi_quality": String(decoding: try CanonicalJSON.line(tiled.slideQuality), as: UTF8.self),
        ]
        let attributes = own.merging(ReadingFacts.attributes(of: tiling.rules)) { $1 }
        try PatchFile.write(tiled.grid, quality: tiled.quality, attributes: attributes, to: patches)
        // Pictures come last: where the disk is full they do not stand there alone.
        for (url, data) in pictures { try AtomicFile.write(data, to: url) }
        return pictures.map(\.0) + [patches]
    }
}
