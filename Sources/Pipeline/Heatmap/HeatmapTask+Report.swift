import Evaluation
import Files
import Foundation
import Heatmaps
import Imaging
import Records
import ReviewPage
import Storage

extension HeatmapTask {
    /// One page of all that is known about the slide.
    func writeReport(
        _ maps: SlideMaps,
        of file: PredictionFile,
        on ground: HeatmapGround,
        _ uncovered: UncoveredTissue?
    ) throws -> [URL] {
        let record = try SlideRecord(slide, in: layout, prediction: file, of: models)
        var report = SlideReport(file)
        report.flags = record.flags
        report.thresholdSource = record.thresholdSource
        let digest = predictions.count == 1 ? try file.shownDigest() : nil
        report.readers = try ReportVerdicts(of: slide, predictions: models.map(\.text), digest: digest, in: layout)
            .words.map {
                ReaderVerdict(reader: $0.reader, date: $0.date, verdict: $0.verdict, remark: $0.remark, notes: $0.notes)
            }
        report.sections = [
            ("The slide", record.slide + (uncovered.map { [("Not examined", $0.words)] } ?? [])),
            ("The model", record.model), ("Versions and digests", record.versions),
        ]
        let holds = try faithfulness()
        if let svg = holds?.chart() {
            let enough = holds?.sufficiency().map { "; \($0)" } ?? ""
            report.chart = (svg, "What is left of the answer while patches leave the bag\(enough)")
        }
        let sheet = try HeatmapSheet(
            of: maps.main,
            in: maps,
            of: file,
            over: ground.backdrop(of: file, share: 0.5),
            uncovered: uncovered,
            style: heatmap.style
        )
        let hatched = uncovered.map { "; \($0.words), which is hatched" } ?? ""
        try report.show(sheet.image, "The map over the slide: \(maps.main.title)\(hatched)")
        let small = try ground.backdrop(of: file, share: 0.25)
        let aspect = Double(sheet.image.width) / Double(sheet.image.height)
        let panel = try HeatmapPanel(
            maps,
            of: file,
            over: small,
            uncovered: uncovered,
            style: heatmap.style,
            page: ReportPages.Arrangement(aspect: aspect).panelAspect(mapAspect: aspect)
        )
        try report.show(
            panel.sheet.image,
            "Everything the model says: the slide, its map, each row, and where rows disagree"
        )
        let gallery = try PatchGallery(maps.main, in: maps, of: file, count: min(heatmap.top, 5)) { corner in
            try ground.patch(at: corner, side: maps.side)
        }
        try report.show(gallery.sheet.image, "The patches with the highest and the lowest values, at full resolution")
        let url = place(".html")
        try AtomicFile.write(report.text, to: url)
        return [url]
    }
}
