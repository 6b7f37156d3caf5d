import Files
public import Foundation
import Imaging
public import Records
import Storage

/// Decisions for other programs: one CSV of all, one GeoJSON of each slide's marks.
public enum DecisionExport {
    /// A row for each decision; `latest` says whether it is its reader's last word on the slide, `result` whether it was given for
    /// the result that is there now.
    static func csv(_ slides: [(entry: ReviewJob.SlideEntry, decisions: [Decision])]) -> String {
        let rows = slides.flatMap { slide, decisions in
            let latest = decisions.lastIndices
            return decisions.enumerated().map { index, one in
                let probability = one.called.flatMap { one.probabilities?[$0] }
                return [
                    one.slide.text, slide.caseID ?? "", one.reviewer, one.time, (one.kind ?? .opinion).rawValue,
                    one.isBlinded == true ? "yes" : "no", one.model ?? "", one.digest ?? "", one.called ?? "",
                    probability.map { "\($0)" } ?? "", one.threshold.map { "\($0)" } ?? "", one.map ?? "",
                    one.verdict.rawValue, one.className ?? "", one.standing(in: slide).rawValue,
                    latest.contains(index) ? "yes" : "no", String(one.marks.count), one.text,
                ]
            }
        }
        let header = [
            "slide_id", "case_id", "reviewer", "time", "kind", "blinded", "model", "digest", "called", "probability",
            "threshold", "map", "verdict", "class", "result", "latest", "marks", "text",
        ]
        return Table.text(header: header, rows: rows)
    }

    /// The marks of every reviewer's last decision as annotations that QuPath imports (RFC 7946; docs/decisions/013).
    /// - Parameter bounds: of the slide, from whose corner coordinates count; nil leaves them counted from level-0 (0, 0),
    ///   and `wsi_origin` says which.
    public static func geoJSON(_ decisions: [Decision], bounds: PixelRect?) throws -> Data {
        let features = decisions.latest.flatMap { decision in
            decision.marks.map { mark in
                mark.feature([
                    "objectType": .string("annotation"),
                    "name": .string(mark.note ?? decision.reviewer),
                    "classification": GeoJSON.classification(
                        mark.className ?? decision.verdict.rawValue,
                        decision.verdict.colour
                    ),
                    "metadata": .object([
                        "reviewer": .string(decision.reviewer), "time": .string(decision.time),
                        "text": .string(decision.text),
                    ]),
                ])
            }
        }
        let marks = GeoJSON(features: features, origin: .slide)
        return try (bounds.map { marks.fromBounds(x: $0.x, y: $0.y) } ?? marks).data()
    }

    /// Writes `decisions.csv`, and `ID.geojson` for each slide with marks, into a folder.
    /// - Returns: how many decisions there are.
    public static func write(_ job: ReviewJob, to folder: URL) throws -> Int {
        let log = DecisionLog(job.layout)
        let all = try job.slides.map { try log.decisions(of: $0.id) }
        for (slide, decisions) in zip(job.slides, all) where decisions.latest.contains(where: { !$0.marks.isEmpty }) {
            let url = folder.appending(path: "\(slide.id.text).geojson")
            try AtomicFile.write(geoJSON(decisions, bounds: slide.pyramid?.bounds), to: url)
        }
        try AtomicFile.write(
            csv(zip(job.slides, all).map { ($0, $1) }),
            to: folder.appending(path: "decisions.csv")
        )
        return all.reduce(0) { $0 + $1.count }
    }
}

extension Decision.Mark {
    fileprivate func feature(_ properties: [String: JSONValue]) -> GeoJSON.Feature {
        guard let outline, !outline.isEmpty else {
            return GeoJSON.Feature(point: PlanePoint(x: x, y: y), properties: properties)
        }
        let corners = outline.map { PlanePoint(x: $0.x, y: $0.y) }
        return GeoJSON.Feature(polygons: [PlanePolygon(outer: corners)], properties: properties)
    }
}

extension Decision.Verdict {
    fileprivate var colour: RGB {
        switch self {
        case .agree: RGB(40, 140, 70)
        case .disagree: RGB(190, 50, 50)
        case .unsure: RGB(200, 140, 20)
        case .read: RGB(60, 90, 170)
        }
    }
}
