public import Records

/// `baselines.json` of a fold: what plain models of mean features say of its validation and test bags, fitted on its training part.
public struct FoldBaselines: Codable, Equatable, Sendable {
    public struct Fit: Codable, Equatable, Sendable {
        public var baseline: Baseline
        /// λ, chosen by the validation part's loss.
        public var penalty: Double?
        /// The kernel's, in median distances between training bags; chosen likewise.
        public var width: Double?
        /// Why it says nothing, or what could not be chosen.
        public var reason: String?
        /// As prediction files have it, by bag.
        private var answers: [String: [String: AnswerValue]]

        init(_ baseline: Baseline, penalty: Double? = nil, width: Double? = nil, reason: String? = nil) {
            (self.baseline, self.penalty, self.width, self.reason) = (baseline, penalty, width, reason)
            answers = [:]
        }

        /// nil for a bag of the training part.
        public subscript(_ slide: SlideID) -> Answer? {
            get { answers[slide.text].flatMap { stored in Answer { stored[$0] } } }
            set {
                answers[slide.text] = newValue.map { answer in
                    Dictionary(uniqueKeysWithValues: answer.stored.map { ($0.name, $0.value) })
                }
            }
        }
    }

    public private(set) var fits: [Fit]

    /// - Parameters:
    ///   - classes: as `Cohort.classes`.
    ///   - training: at least one bag; all features of one width.
    ///   - decidesByYouden: whether the threshold on two classes is Youden's of the validation part.
    public init(
        _ kind: Target.Kind,
        classes: Int,
        training: [MeanBag],
        validation: [MeanBag],
        test: [MeanBag],
        decidesByYouden: Bool
    ) {
        let fitting = BaselineFitting(
            target: BaselineTarget(kind: kind, classes: classes),
            training: training,
            validation: validation
        )
        fits = Baseline.allCases.map { baseline in
            var fit = fitting.fit(baseline, to: validation + test)
            if decidesByYouden, kind == .class, classes == 2 { fit.decide(by: validation) }
            return fit
        }
    }
}

extension FoldBaselines.Fit {
    fileprivate mutating func decide(by validation: [MeanBag]) {
        let scored = validation.compactMap { bag in
            self[bag.slide.slide]?.ofClass.map { ($0.probabilities[1], bag.slide.target.label == 1) }
        }
        let cut = YoudenCut(scored.map(\.0), positive: scored.map(\.1))
        guard let threshold = cut?.threshold else { return }
        for slide in answers.keys {
            guard let id = try? SlideID(slide), let answer = self[id]?.ofClass else { continue }
            self[id] = .class(ClassAnswer(answer.probabilities, threshold: threshold))
        }
    }
}
