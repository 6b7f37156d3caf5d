import Files
import Foundation
import Heatmaps
import Records
import Storage

/// The maps of the slides that are being looked at, and the layers drawn from them.
actor MapShelf {
    private struct Key: Hashable {
        var model: String
        var slide: SlideID
        /// Of the result: another one is another entry.
        var digest: String
    }

    struct Shown: Sendable {
        var maps: SlideMaps
        /// `maps.all`, whose positions are the numbers of the maps on the page.
        var all: [PatchMap]
        /// nil where the slide was not tiled in this job.
        var uncovered: UncoveredTissue?
    }

    private struct Entry {
        var shown: Shown
        var layers: [LayerKey: OverlayLayer] = [:]
    }

    private struct LayerKey: Hashable {
        var map: Int
        var scale: HeatmapStyle.Scale
    }

    private let ranges: MapRanges
    private let limit = 8
    private var entries = RecentlyUsed<Key, Entry>()

    init(ranges: @escaping MapRanges) { self.ranges = ranges }

    /// nil where the model says nothing of the slide.
    /// - Throws: `Failure` with `.digest` where the prediction is another one by now.
    func maps(_ model: String, of slide: ReviewJob.SlideEntry, in job: ReviewJob) throws -> Shown? {
        guard let digest = slide.forecasts[model]?.digest else { return nil }
        let key = Key(model: model, slide: slide.id, digest: digest)
        if let known = entries[key] { return known.shown }
        guard let file = try job.prediction(model, of: slide) else { return nil }
        let (attention, score) = ranges(model)
        let maps = try SlideMaps(file, attention: attention, score: score)
        let uncovered = try job.layout.tissueOutlines(of: slide.id).flatMap {
            UncoveredTissue(tissue: $0, corners: maps.corners, side: maps.side)
        }
        let shown = Shown(maps: maps, all: maps.all, uncovered: uncovered)
        if entries.count >= limit { entries.removeOldest { _ in true } }
        entries[key] = Entry(shown: shown)
        return shown
    }

    /// nil where there is no such map.
    func layer(
        _ model: String,
        of slide: ReviewJob.SlideEntry,
        in job: ReviewJob,
        map: Int,
        scale: HeatmapStyle.Scale
    ) throws -> OverlayLayer? {
        guard let shown = try maps(model, of: slide, in: job), shown.all.indices.contains(map),
            let digest = slide.forecasts[model]?.digest
        else { return nil }
        let (key, layerKey) = (Key(model: model, slide: slide.id, digest: digest), LayerKey(map: map, scale: scale))
        if let known = entries[key]?.layers[layerKey] { return known }
        let layer = try OverlayLayer(shown.all[map], of: shown.maps, scale: scale)
        entries[key]?.layers[layerKey] = layer
        return layer
    }
}

/// The absolute scales of a model's attention and of its scores.
public typealias MapRanges = @Sendable (String) -> (attention: ClosedRange<Double>, score: ClosedRange<Double>)
