import Config
import Evaluation
import Messages
import Records

extension TrainRequest {
    /// What plain models of mean features say of a fold's validation and test bags, of several targets of the first.
    /// - Parameter means: of each bag; it was read before the first step anyway.
    func baselines(
        train: [CohortSlide],
        validation: [CohortSlide],
        test: [CohortSlide],
        means: [SlideID: [Double]]
    ) -> FoldBaselines {
        func bags(_ slides: [CohortSlide]) -> [MeanBag] {
            cohort.with(slides).asking(0).slides.compactMap { slide in
                means[slide.slide].map { MeanBag(slide: slide, features: $0) }
            }
        }
        return FoldBaselines(
            cohort.kind,
            classes: cohort.classes.count,
            training: bags(train),
            // Where that is the test part, nothing of a baseline is chosen by it.
            validation: selectsOnTest ? [] : bags(validation),
            test: bags(test),
            decidesByYouden: evaluation.decidesByYouden(model)
        )
    }
}
