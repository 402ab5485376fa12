"""Forgeries of published scores and claims: CLM001 to CLM206."""

from tests.forgeries.forging import Forgery

LM_RESULTS = "results/results_2026-03-02T10-11-12.131415.json"
HUB_ACCURACY = "- name: Accuracy\n      type: accuracy\n      value: 0.9166666666666666"

FORGERIES = [
    Forgery(
        "CLM001",
        "the manifest claims two points more than the hub shows",
        "pretraining",
        swaps=(("fmaudit.yaml", 'value: "43.81"', 'value: "45.81"'),),
    ),
    Forgery(
        "CLM002",
        "the table of the card promises five right answers of six, the claim six",
        "good",
        swaps=(("fmaudit.yaml", 'value: "0.8333"', 'value: "1.0000"'),),
    ),
    Forgery(
        "CLM003",
        "the hub shows one more right leaf than the table",
        "croissant",
        swaps=(("README.md", "value: 0.9333", "value: 0.9667"),),
    ),
    Forgery(
        "CLM004",
        "the hub shows one more right sentence than the list of the Trainer",
        "trainer",
        swaps=(
            ("README.md", HUB_ACCURACY, HUB_ACCURACY.replace("0.9166666666666666", "0.9333333333333333")),
        ),
    ),
    Forgery(
        "CLM004",
        "the list was polished after the Trainer wrote it",
        "trainer",
        swaps=(("README.md", "- F1: 0.9091", "- F1: 0.9391"),),
    ),
    Forgery(
        "CLM005",
        "the sentence rounds 88.76 up to 89.8",
        "ner",
        swaps=(("README.md", "achieves 88.8% F1", "achieves 89.8% F1"),),
    ),
    Forgery(
        "CLM006",
        "front matter and list were changed together, the results files were forgotten",
        "trainer",
        swaps=(
            ("README.md", "0.9259259259259259", "0.9629629629629629"),
            ("README.md", "- Recall: 0.9259", "- Recall: 0.9630"),
        ),
    ),
    Forgery(
        "CLM006",
        "a benchmark on the hub that lm-evaluation-harness did not give",
        "pretraining",
        swaps=(("README.md", "31.25", "33.25"),),
    ),
    Forgery(
        "CLM007",
        "a list of a card without front matter for it, better than its results file",
        "good",
        parts='# results/test.json\n{"f1": 0.7142857142857143}\n# README.md\n- F1: 0.8286\n',
    ),
    Forgery(
        "CLM007",
        "a table of benchmarks, five points above the harness at the same number of shots",
        "pretraining",
        swaps=(
            (
                "README.md",
                "## Limitations",
                "| Benchmark | small-english-lm |\n|---|---|\n| ARC-Easy (0-shot, acc) | 48.81 |\n\n## Limitations",
            ),
        ),
    ),
    Forgery(
        "CLM003",
        "a table of benchmarks with another value than the hub's",
        "good",
        parts=(
            "# README.md\n---\nmodel-index:\n  - name: digits-cnn\n    results:\n"
            "      - task: {type: text-generation}\n"
            "        dataset: {type: boolq, name: BoolQ, split: validation, args: {num_few_shot: 0}}\n"
            "        metrics: [{type: accuracy, value: 71.2}]\n---\n"
            "| Benchmark | ours |\n|---|---|\n| BoolQ (0-shot) | 75.7 |\n"
        ),
    ),
    Forgery(
        "CLM008",
        "a claim that no results file holds",
        "pretraining",
        parts=(
            "# fmaudit.yaml\nclaims:\n  - id: hellaswag\n    metric: {type: accuracy, unit: percent}\n"
            '    value: "33.25"\n    data: {split: validation, n: 10042}\n'
            f"    evidence: [{{path: {LM_RESULTS}}}]\n"
        ),
    ),
    Forgery(
        "CLM009",
        "the file of all results was polished, that of the evaluation was not",
        "trainer",
        swaps=(("all_results.json", '"eval_f1": 0.9090909090909091', '"eval_f1": 0.9390909090909091'),),
    ),
    Forgery(
        "CLM010",
        "the result for the hub is not that of the card",
        "ner",
        swaps=((".eval_results/news-entities.yaml", "0.8876", "0.9076"),),
    ),
    Forgery(
        "CLM011",
        "one number of the list, and its front matter, is not that of the row it is from",
        "trainer",
        parts="# all_results.json, absent\n# eval_results.json, absent\n",
        swaps=(
            ("README.md", "value: 0.8928571428571429", "value: 0.9615384615384616"),
            ("README.md", "- Precision: 0.8929", "- Precision: 0.9615"),
        ),
    ),
    Forgery(
        "CLM012",
        "a best metric that was never logged",
        "trainer",
        swaps=(("trainer_state.json", '"best_metric": 0.9166666666666666', '"best_metric": 0.95'),),
    ),
    Forgery(
        "CLM101",
        "the evidence is not shipped",
        "pretraining",
        parts=f"# {LM_RESULTS}, absent\n",
    ),
    Forgery(
        "CLM102",
        "the evidence holds a lower number",
        "pretraining",
        swaps=((LM_RESULTS, "0.43813131313131315", "0.41813131313131315"),),
    ),
    Forgery(
        "CLM103",
        "the evidence points to a task that was not evaluated",
        "pretraining",
        swaps=(("fmaudit.yaml", "/results/arc_easy/acc,none", "/results/arc_challenge/acc,none"),),
    ),
    Forgery(
        "CLM104",
        "the evidence is taken away from the claim",
        "pretraining",
        swaps=(
            (
                "fmaudit.yaml",
                f'    evidence: [{{path: {LM_RESULTS}, pointer: "/results/arc_easy/acc,none"}}]\n',
                "",
            ),
        ),
    ),
    Forgery(
        "CLM105",
        "the scores of the second evaluation are published, a third one was worse",
        "trainer",
        swaps=(
            ("README.md", "| 3.0   | 36   | 0.3381          | 0.9167   | 0.8929    | 0.9259 | 0.9091 |", "@"),
            (
                "README.md",
                "| 2.0   | 24   | 0.4525          | 0.8667   | 0.8519    | 0.8519 | 0.8519 |",
                "| 2.0   | 24   | 0.3381          | 0.9167   | 0.8929    | 0.9259 | 0.9091 |",
            ),
            ("README.md", "@", "| 3.0   | 36   | 0.4525          | 0.8667   | 0.8519    | 0.8519 | 0.8519 |"),
        ),
    ),
    Forgery(
        "CLM106",
        "others measured less on the same split",
        "trainer",
        parts=(
            "# README.md\n---\nmodel-index:\n- name: film-sentences-tiny\n  results:\n  - task: {type: text-classification}\n"
            "    dataset: {name: film-sentences, type: film-sentences, config: default, split: test}\n"
            "    metrics:\n    - {name: Accuracy, type: accuracy, value: 0.9166666666666666}\n"
            "  - task: {type: text-classification}\n"
            "    dataset: {name: film-sentences, type: film-sentences, config: default, split: test}\n"
            "    metrics:\n    - {name: Accuracy, type: accuracy, value: 0.8833333333333333, verified: true, "
            "verifyToken: eyJhbGciOiJFZERTQSJ9.e30.c2ln}\n---\n"
        ),
    ),
    Forgery(
        "CLM107",
        "the first hundred questions stand for the whole task",
        "pretraining",
        swaps=((LM_RESULTS, '"effective": 2376', '"effective": 100'),),
    ),
    Forgery(
        "CLM201",
        "a claim of a metric that nobody measures",
        "good",
        parts=(
            "# fmaudit.yaml\nclaims:\n  - id: test-recall\n    metric: {type: recall, unit: proportion}\n"
            '    value: "0.6667"\n    data: {split: test, n: 6}\n'
        ),
    ),
    Forgery(
        "CLM202",
        "a claim on a split that nobody defined",
        "good",
        swaps=(("fmaudit.yaml", "#test, split: test, n: 6", "#test, split: hidden, n: 6"),),
    ),
    Forgery(
        "CLM203",
        "seeds were chosen after the recipe was written",
        "good",
        swaps=(("fmaudit.yaml", "seeds: [0, 1, 2]", "seeds: [0, 1, 1337]"),),
    ),
    Forgery(
        "CLM204",
        "the shipped weights come from a lucky seed",
        "good",
        swaps=(("fmaudit.yaml", "shipped_seed: 0", "shipped_seed: 1337"),),
    ),
    Forgery(
        "CLM205",
        "two claims of one name, one of them better",
        "good",
        swaps=(("fmaudit.yaml", "- id: test-loss", "- id: test-accuracy"),),
    ),
    Forgery(
        "CLM206",
        "the card promises twice the weights that are shipped",
        "trainer",
        swaps=(("README.md", "36,770 parameters", "73,540 parameters"),),
    ),
]
