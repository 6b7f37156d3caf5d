import Records
import Testing

@Suite struct ClassCallTests {
    @Test(arguments: [(0.39, 0), (0.4, 1), (0.41, 1), (0, 0), (1, 1)])
    func theThresholdItselfCallsThePositiveClass(_ probability: Double, _ called: Int) {
        let call = ClassCall([1 - probability, probability], threshold: 0.4)
        #expect(call.called == called && call.shown == 1 && call.threshold == 0.4)
        #expect(call.margin == abs(probability - 0.4))
    }

    @Test func aThresholdCallsAClassThatIsLessProbable() {
        #expect(ClassCall([0.75, 0.25], threshold: 0.2).called == 1)
        #expect(ClassCall([0.25, 0.75], threshold: 0.8).called == 0)
        #expect(ClassCall([1, 0], threshold: 0).called == 1)
    }

    @Test func withoutAThresholdTheMostProbableClassIsCalledAndThePositiveOneShown() {
        let negative = ClassCall([0.75, 0.25], threshold: nil)
        #expect(negative.called == 0 && negative.shown == 1 && negative.margin == 0.25 && negative.threshold == nil)
        #expect(ClassCall([0.25, 0.75], threshold: nil).called == 1)
    }

    @Test func ofEqualClassesTheFirstIsCalled() {
        let two = ClassCall([0.5, 0.5], threshold: nil)
        #expect(two.called == 0 && two.shown == 1 && two.margin == 0)
        let three = ClassCall([0.2, 0.4, 0.4], threshold: nil)
        #expect(three.called == 1 && three.shown == 1 && three.margin == 0)
        let all = ClassCall([0.25, 0.25, 0.25, 0.25], threshold: nil)
        #expect(all.called == 0 && all.shown == 0 && all.margin == 0)
    }

    @Test func ofMoreThanTwoClassesAThresholdSaysNothing() {
        let call = ClassCall([0.125, 0.625, 0.25], threshold: 0.9)
        #expect(call.called == 1 && call.shown == 1 && call.margin == 0.375 && call.threshold == nil)
        #expect(call == ClassCall([0.125, 0.625, 0.25], threshold: nil))
    }

    @Test func oneClassIsCalledAndNoneIsTheFirst() {
        let one = ClassCall([1], threshold: 0.5)
        #expect(one.called == 0 && one.shown == 0 && one.margin == 1)
        let none = ClassCall([], threshold: 0.5)
        #expect(none.called == 0 && none.shown == 0 && none.margin == 0)
    }

    @Test func anAnswerIsCalledByItsOwnThreshold() {
        let answer = ClassAnswer([0.625, 0.375], threshold: 0.25)
        #expect(answer.called == 1 && answer.call.called == 1 && answer.call.margin == 0.125)
    }
}
