import Files
import Foundation
import Messages
import Records
import Storage

/// Which slides make one bag with a slide: those of its case, where the model was trained on cases.
struct PredictBags {
    private let slides: [SlideID: [SlideID]]
    private let features: Features

    init(_ study: TrainedStudy, _ features: Features) {
        self.features = features
        let bags = (study.cases ?? [:]).values.map {
            $0.filter { features.files[$0] != nil || features.refused[$0] != nil }
        }
        slides = Dictionary(
            bags.flatMap { bag in bag.map { ($0, bag) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// All of the bag.
    func slides(of slide: SlideID) -> [SlideID] { slides[slide] ?? [slide] }

    /// nil where the slide is a bag of its own.
    func parts(slide: SlideID) -> [PredictRequest.Part]? {
        slides[slide].map { bag in
            bag.compactMap { part in
                features.files[part].map { PredictRequest.Part(slide: part, features: $0.path) }
            }
        }
    }

    func version(_ slide: SlideID) throws -> String {
        guard let bag = slides[slide] else { return features.versions[slide] ?? "" }
        return try CanonicalJSON.fingerprint(bag.map { features.versions[$0] ?? "" })
    }
}
