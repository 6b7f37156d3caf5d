/// One of several things that a study asks of every bag.
public struct Question: Codable, Equatable, Sendable {
    /// What its figures and files are told by.
    public var name: String
    public var kind: Target.Kind
    /// As `Cohort.classes`.
    public var classes: [String]
    /// What its part of the loss is multiplied with.
    public var weight: Double

    public init(name: String, kind: Target.Kind, classes: [String], weight: Double = 1) {
        (self.name, self.kind, self.classes, self.weight) = (name, kind, classes, weight)
    }
}

extension Target {
    /// What is known of one of several targets; where only one is asked, that one.
    public func part(_ place: Int) -> Target? {
        guard case .several(let targets) = self else { return place == 0 ? self : nil }
        return targets.indices.contains(place) ? targets[place] : nil
    }

    /// The first of several targets, which splits and pages go by, where it is known; else the target itself.
    var main: Target? { part(0) }
}

extension Cohort {
    /// What is asked of every slide: one thing or several.
    public var questions: [Question] { targets ?? [Question(name: "", kind: kind, classes: classes)] }

    /// The cohort of one of several targets: the slides of which it is known, as if nothing else were asked.
    public func asking(_ place: Int) -> Cohort {
        guard let targets else { return self }
        let known = slides.compactMap { slide in
            slide.target.part(place).map { CohortSlide(slide: slide.slide, caseID: slide.caseID, target: $0) }
        }
        return Cohort(classes: targets[place].classes, slides: known, unit: unit)
    }

    /// What decides which figures an epoch is chosen by: several targets have the loss alone in common.
    public var selectionKind: Target.Kind { targets == nil || kind != .class ? kind : .labels }

    /// Whether a target of a slide is of what is asked.
    public func fits(_ target: Target) -> Bool {
        guard let targets else { return target.fits(classes: classes.count) }
        guard case .several(let parts) = target, parts.count == targets.count else { return false }
        return parts.contains { $0 != nil }
            && zip(targets, parts).allSatisfy { question, part in
                part.map { $0.kind == question.kind && $0.fits(classes: question.classes.count) } ?? true
            }
    }

    /// The same cohort with these of its slides.
    public func with(_ slides: [CohortSlide]) -> Cohort {
        var cohort = self
        cohort.slides = slides
        return cohort
    }
}
