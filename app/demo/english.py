"""What the English-speaking bee-keepers of the demo site write; a line is a sentence."""

from app.demo.topics import topic

TOPICS = (
    topic(
        "en",
        "health/parasites/varroa/treatments",
        "varroa oxalic-acid formic-acid thymol treatment brood-break",
        titles="""
When is it too late for formic acid in {place}?
Oxalic acid trickle or vapour for {n} small colonies?
Can I treat with thymol while the honey supers are on?
Mite count still high {n} weeks after treatment
Is a brood break in {month} enough without any acid?
How warm must it be for formic acid pads?
Treating a late swarm against varroa in {month}
""",
        situations="""
I keep {n} colonies on a terrace near {place} and treated all of them at the end of {month}.
After the treatment I counted {n} mites a day on the board under the strongest hive.
The forecast says 28 degrees for the whole week, which is above what the label allows.
My colonies still have brood on {n} frames and the supers came off only yesterday.
Last year I lost two hives in late winter and I am sure it was mites.
""",
        asks="""
Should I treat again now or wait until the colony is without brood?
Does anybody have figures from a cool and wet autumn?
Which of the two would you use, and how much for each seam of bees?
How long should I leave the strips in before I count again?
""",
        advice="""
Wait for a week with highs between 15 and 25 degrees, otherwise the queen may stop laying.
Five millilitres for each seam of bees is plenty; more only harms the bees.
A sugar roll before and after tells you more than any rule of thumb.
Vapour needs a colony without brood, because the acid does not reach through the cappings.
Close the mesh floor while the pads are in, and open it again when you take them out.
Wear a proper mask and gloves, the fumes are no joke.
I cage the queen for 24 days and treat on day 25, which has worked every year so far.
Write down the date and the dose for each hive; you will have forgotten by next season.
""",
        replies="""
Which strength did you use, 3.2 or 4.2 per cent?
The label in my country says something else, so please check yours.
That matches what I saw on my own boards.
Did the queen survive the treatment?
I would not do that while they are still flying in ivy.
""",
    ),
    topic(
        "en",
        "health/parasites/varroa",
        "varroa monitoring sugar-roll mite-count",
        titles="""
How many mites on the board are too many in {month}?
Sugar roll or alcohol wash: which one do you trust?
Natural mite fall doubled within {n} days
First mite count as a beginner in {place}
Do you count mites before or after the harvest?
""",
        situations="""
I put the board in for three days and found {n} mites under the nucleus.
The colony sits on {n} frames of brood and looks perfectly healthy otherwise.
Ants carry away whatever falls on my board, so I am not sure about the number.
I took half a cup of bees from a brood frame and shook them with icing sugar.
""",
        asks="""
At which number do you start to worry?
Is the board reliable enough, or do I have to sacrifice some bees?
How often do you count during the season?
What am I doing wrong?
""",
        advice="""
In {month} I treat as soon as more than three mites in a hundred bees fall out.
Grease the edge of the board and the ants will leave it alone.
The board shows a trend and the wash shows a number, so I use both.
Take the sample from a frame with open brood, and look for the queen first.
Count every {n} weeks from spring on; one figure alone says little.
Mites follow the drones, so have a look at some drone pupae as well.
A wash costs three hundred bees, which a queen replaces before lunch.
""",
        replies="""
Three hundred bees is half a cup, by the way.
My numbers were twice as high and the hive came through.
Did you leave the board in over a rainy day?
Good point about the ants.
Powdered sugar with starch gives wrong results, so check the packet.
""",
    ),
    topic(
        "en",
        "health/diseases",
        "foulbrood chalkbrood nosema brood inspection",
        titles="""
Sunken cappings on {n} frames: could this be foulbrood?
White mummies in front of the entrance every morning
Chalkbrood comes back every {month}, what helps?
Brown streaks on the front of the hive after winter
Whom do I have to tell about a suspected brood disease?
""",
        situations="""
I found dark, sunken cappings on {n} frames and a smell that I do not know.
The matchstick test did not pull a thread, but some larvae are yellow and twisted.
There are hard white lumps in many cells, and more of them on the landing board.
The colony came from {place} last {month} and was strong when I bought it.
""",
        asks="""
What is it, and can the colony be saved?
Do I have to call the inspector, or shall I send in a sample first?
Would a new queen help?
Can I use the combs again?
""",
        advice="""
Call your bee inspector before you move anything; that visit costs you nothing.
If the larva pulls a brown thread, close the hive and touch no other colony.
Chalkbrood is mostly a matter of damp, so lift the hive and give it sun.
A young queen from a hygienic line cured it in one season here.
Scorch the boxes and burn the frames, they are not worth the risk.
Streaks after a long winter often stop by themselves with the first pollen.
Send {n} bees or a piece of comb to the laboratory, then you know.
""",
        replies="""
Please do not swap frames between hives until you know.
I had exactly this two years ago, and it was European foulbrood.
A photo of a single cell would help a lot.
The inspector was friendly and quick when I called.
Keep the tools apart until then.
""",
    ),
    topic(
        "en",
        "health/predators",
        "hornets wasps robbing entrance-reducer",
        titles="""
Hornets hawking in front of {n} hives
Wasps walk in and out as if they lived there
How small should the entrance be in {month}?
Robbing started after I spilled syrup
Do electric harps against hornets really work?
""",
        situations="""
Since the first week of {month} up to {n} hornets hang in front of the hives all day.
The bees form a carpet on the landing board and do not fly out any more.
Wasps come through a gap that I had not noticed under the roof.
I fed in the afternoon, and an hour later there was fighting everywhere.
""",
        asks="""
Is there anything that works without poison?
Should I close the entrance for a day?
How do you protect weak colonies?
Will it stop by itself when it gets colder?
""",
        advice="""
Make the entrance one bee wide; a small colony can then defend it.
A muzzle of wide mesh gives the bees a porch in which hornets cannot fly.
Never feed before the evening, and never spill a drop.
A wet bed sheet over the hive calms the robbers for the night.
The harp caught {n} hornets a day at my apiary, but it needs cleaning every evening.
Traps for queens in spring catch more useful insects than hornets, so I gave them up.
Unite the weak colony now, as it will not survive the pressure until winter.
""",
        replies="""
Which mesh width did you take?
Report the nest, the council removes it for free here.
Mine learned to fly around the harp within a week.
Thank you, the muzzle was up in ten minutes.
Keep an eye on the water as well, they gather there.
""",
    ),
    topic(
        "en",
        "bees/swarming",
        "swarming swarm-control queen-cells splits",
        titles="""
Queen cells on {n} frames: split now or wait?
They swarmed twice, will they go again in {month}?
How do you tell swarm cells from supersedure cells?
Artificial swarm without finding the queen
Does cutting queen cells ever work?
Best time to make a split in {place}
""",
        situations="""
On Sunday I found {n} sealed queen cells along the lower edge of the combs.
The colony fills two brood boxes and has not touched the new super for {n} days.
I clipped the queen last {month}, and she is still there but hardly lays.
I can only visit the apiary at weekends, so a seven-day inspection is hard.
""",
        asks="""
Do I take the old queen out, or the cells?
How many cells should stay in the parent hive?
Would more space have prevented it?
What would you do with the flying bees?
""",
        advice="""
Sealed cells mean that they are ready, so take the old queen out with three frames.
Leave one open cell which you have seen with your own eyes, and no more.
Cutting the cells only buys a week, and they will build better hidden ones.
Move the parent hive aside, put a new box in its place, and the flyers will come to it.
Give a super before they need it; once they hang out at the front it is too late.
Mark the frame with the cell, so that you do not shake it by accident.
After {n} days look for eggs, and give a test frame if there are none.
""",
        replies="""
Seven days is exactly one day too long, sadly.
How old is the queen?
I did the same and they stayed.
Do not shake that frame!
You could also use a board with two entrances.
""",
    ),
    topic(
        "en",
        "bees/swarming/catching",
        "swarming bait-hive swarm-catching nucleus",
        titles="""
Bait hive on a garage roof in {place}?
Swarm {n} metres up in a plum tree
The swarm left again after {n} days
How long does a swarm live without comb?
Old comb or lemongrass oil in a bait hive?
""",
        situations="""
A neighbour called about a cluster in her plum tree, about {n} metres up.
I shook it into a cardboard box, and after an hour half of it was back on the branch.
My bait hive has had scouts for {n} days, but nobody moves in.
The swarm is small, perhaps {kg} kilos, and it rains until Friday.
""",
        asks="""
Do I have the queen or not?
Should I feed it on the first evening?
How do you keep a caught swarm from leaving?
Where would you hang the box?
""",
        advice="""
If they fan at the entrance with their tails up, the queen is inside.
Forty litres, a small entrance facing south, {n} metres up: they love it.
Give a frame of open brood and they will hardly ever leave.
Wait until dusk before you move the box, or you lose the scouts.
Do not feed for two days; what they carry may hold spores.
One drop of lemongrass oil is enough, they can smell it from afar.
Treat the swarm before its first brood is sealed, it will never be as easy again.
""",
        replies="""
A water sprayer helps to keep them together.
Please use a second person for the ladder.
That explains why mine left.
Mine took four days to decide.
Old comb attracts wax moths too, so check it every week.
""",
    ),
    topic(
        "en",
        "bees/queens",
        "queens requeening laying-workers supersedure",
        titles="""
No eggs for {n} days: queenless or only a pause?
Introducing a bought queen in {month}
Several eggs in one cell, are these laying workers?
New queen lays drones only
How do you find an unmarked queen among {n} frames?
Requeen in {month} or wait for spring?
""",
        situations="""
There has been no egg in this hive for {n} days, but the bees are calm.
I bought a mated queen from {place} and hung the cage between two brood frames.
Some cells hold three or four eggs, and many of them stick to the wall.
The old queen is in her third year and the brood looks patchy.
""",
        asks="""
Can I be sure that there is no queen?
When may I open the hive again?
Is it worth buying a queen so late in the year?
How do you get rid of laying workers?
""",
        advice="""
Give a frame of eggs: if they draw cells within three days, they have no queen.
Leave them alone for a week after the cage is open, however curious you are.
A virgin needs up to three weeks in bad weather, so be patient.
Laying workers are rarely worth it; shake them out in front of a strong hive.
Look on the frame next to the freshest eggs, and look at it before the others.
Requeen in {month} and you get a young queen that winters well.
Let the bees release her through candy instead of opening the cage yourself.
""",
        replies="""
How did they behave on the cage?
She was there all along, walking on the wall.
Was there pollen coming in?
I always mark mine in spring, when there are fewer bees.
The test frame settled it, thank you.
""",
    ),
    topic(
        "en",
        "bees/queens/raising",
        "queen-rearing grafting mating-nucs queens",
        titles="""
Only {n} of twenty grafts were accepted
Grafting without a starter colony?
When do I put cells into the mating boxes?
How many drones are needed around {place}?
Which age of larva do you graft?
""",
        situations="""
I grafted twenty larvae on {month} mornings, and only {n} were accepted.
My starter has no queen, plenty of young bees and a syrup feeder.
The mating boxes hold a cup of bees each, and it was cold that week.
I have one colony that I really like, and no experience with grafting.
""",
        asks="""
Was the larva too old, or the starter too weak?
Is there a method for somebody with three hives?
How warm must the cells stay on the way?
On which day do you move the cells?
""",
        advice="""
Take the larva that you can hardly see; if it is curled like a C it is too old.
The starter must be bursting with young bees, that is nine tenths of success.
With three hives cut a strip of comb with eggs, and forget about grafting.
Move the cells on day ten, keep them upright and at body warmth.
Give each box a cup of wet bees and keep it in the cellar for three days.
Feed a thin syrup from the day before, even when there is a flow.
Note the day of the graft on the bar, and the rest is counting.
""",
        replies="""
A magnifier made the difference for me.
What did the drones look like at that time?
I had the same until I stopped letting them dry out.
Do you prime with royal jelly?
Twelve out of twenty would already be good.
""",
    ),
    topic(
        "en",
        "hives/types/langstroth",
        "langstroth supers frames foundation hive-boxes",
        titles="""
Eight or ten frames for a bad back?
Mixing deep and medium boxes on {n} hives
Bees ignore the second box since {month}
Foundation or empty frames in the brood box?
How do you paint boxes for {place} weather?
""",
        situations="""
I use ten-frame deeps and can hardly lift a full one any more.
The colony has drawn {n} frames and refuses to climb into the second box.
I would like to let them build without foundation this year.
The boxes have stood outside for {n} winters and the joints begin to open.
""",
        asks="""
Would you change the whole apiary or only the supers?
How do I lure them upwards?
Does it make the inspection harder?
Which finish lasts, and does it harm the bees?
""",
        advice="""
Go for eight-frame mediums throughout, your back will thank you in ten years.
Move one frame of brood up and they will follow within a day.
Keep the hive level, because bees build straight down whatever you think is straight.
Linseed oil on the outside only, two thin coats, and a week to dry.
One size for everything saves more time than any clever gadget.
Do not add the box until seven frames are covered with bees.
Wire the frames or use skewers, free combs break when you turn them.
""",
        replies="""
How heavy is a full one, really?
I changed over {n} years and never looked back.
Mine needed a warm week and then went up.
Plywood or pine?
Level is the word, mine was two degrees off.
""",
    ),
    topic(
        "en",
        "hives/types/top-bar",
        "top-bar comb warre natural-comb",
        titles="""
Cross comb over {n} bars, how do I correct it?
Top-bar hive in {place}: how do they winter?
Can I move bees from frames into a top-bar hive?
Comb broke off during inspection in {month}
""",
        situations="""
They built diagonally over {n} bars, and I cannot lift a single one.
It was hot, I turned the bar too quickly, and the comb fell into the hive.
I have a nucleus on frames and an empty top-bar hive.
The colony sits in the middle and the stores are at both ends.
""",
        asks="""
Do I cut it now or wait until spring?
How do you fix a comb that has come off?
Is there a gentle way to move them over?
Should I push the stores together before winter?
""",
        advice="""
Cut the comb loose on a cool morning and tie it under a bar with cotton tape.
Start the colony at one end, then it can only move in one direction.
Never turn a comb flat; always around its vertical edge, like a page.
A bead of wax along the bar is guide enough for most of them.
Shake the bees from the frames and give them one comb with brood tied in.
In {month} I move all the full combs to one side of the cluster.
""",
        replies="""
Hair clips work well for broken comb.
A spirit level first, always.
Mine stopped after I gave them a straight comb as a guide.
How wide are your bars?
I would leave it until the dandelions.
""",
    ),
    topic(
        "en",
        "hives/tools",
        "smoker protective-clothing tools beginners",
        titles="""
What do you burn in your smoker?
Gloves or bare hands for a beginner?
Which scale for weighing {n} hives?
How do you wash a bee suit full of propolis?
Smoker goes out after {n} minutes
""",
        situations="""
My smoker goes out after {n} minutes, always when I need it most.
I was stung through the leather gloves {n} times last Saturday.
The suit went into the machine in {month} and came out as it went in.
I would like to follow the weight of my hives without lifting them.
""",
        asks="""
What do you use?
Is it worth paying more for it?
How do you light it so that it stays alight?
Which one would you buy today?
""",
        advice="""
Light a handful of dry grass first and pack the fuel on top, tight.
Nitrile gloves: you feel everything, and they hardly ever sting through.
Washing soda and hot water dissolve propolis, then wash as usual.
Rotten wood or egg boxes burn cool and smell good; never use anything treated.
A luggage scale under one side, times two, is good enough for autumn.
Buy one good hive tool in a loud colour, because you will lose three plain ones.
""",
        replies="""
Lavender stalks, if you have them.
Put the smoker on stone, please, not on dry grass.
The luggage scale is brilliant.
Mine has lasted ten years.
Wet the gloves a little on hot days.
""",
    ),
    topic(
        "en",
        "honey/harvest",
        "honey harvest extraction water-content crystallisation",
        titles="""
Honey at {n} per cent above the limit, can I dry it?
First harvest: {kg} kilos, how many jars?
Half the combs uncapped in {month}
Extracting without an extractor?
Rape honey set in the combs within {n} days
How long should honey settle before bottling?
""",
        situations="""
The combs are two thirds capped, and the refractometer shows 18.9 per cent.
I expect about {kg} kilos from {n} hives and have never done this before.
There was rape within flying distance, and half of it has set in the cells.
It rained for most of {month}, and I would like to take the supers off before the ivy.
""",
        asks="""
Can I extract now?
Is there a way to save what is in the combs?
How do you do it in a small kitchen?
What would you do with the uncapped frames?
""",
        advice="""
Shake the frame hard: if nothing drips out, you may take it.
Put the supers in a small room with a dehumidifier for two nights.
Crush the comb, strain it through a cloth, and give them the wax to lick.
Spray set combs with water and put them under the brood, the bees will carry it up.
Let it stand for {n} days at 25 degrees and skim off the foam.
Extract in the warm evening of the day on which you take it.
Stir twice a day while it turns cloudy and it will set like butter.
One kilo fills two jars and always leaves one spoon for the cook.
""",
        replies="""
Have you calibrated the refractometer?
Mead is an honourable use, too.
Do it with the windows shut!
Mine was 17.2 after two nights.
How fine was the sieve?
""",
    ),
    topic(
        "en",
        "honey/wax",
        "beeswax candles wax-melter propolis",
        titles="""
Wax turned green in the pot
Solar melter from an old window, any plans?
How much wax do {n} hives give in a year?
Candles crack when I pour them in {month}
Cleaning propolis off the frames in {place} winters
""",
        situations="""
I melted the cappings in a copper pot, and the block came out green.
The candles crack from the wick to the edge an hour after pouring.
I have {kg} kilos of old comb and a sunny wall.
After {n} years the frames are so sticky that I cannot move them.
""",
        asks="""
Is the wax spoilt?
What is the right temperature?
How do you build one that gets hot enough?
Is it worth the trouble for so little?
""",
        advice="""
Iron and copper colour the wax, so use stainless steel or enamel.
Pour at 70 degrees into a mould that you have warmed, and let it cool slowly.
Tie the comb in a stocking and sink it in hot water; the dirt stays inside.
Reckon with one kilo for each hundred kilos of honey, and the rest from old comb.
Double glass, a dark tray, and turn it to the sun at noon.
Freeze the frames overnight and the propolis comes off in flakes.
""",
        replies="""
Never over an open flame, please.
Rain water is better than hard tap water.
It makes good polish anyway.
Which wick did you use?
The green comes out with a little citric acid.
""",
    ),
    topic(
        "en",
        "seasons/winter",
        "wintering winter-stores insulation ventilation",
        titles="""
How many kilos of stores for winter in {place}?
Dead bees on the floor in {month}, how many are normal?
Insulate the roof or the walls?
Are they still alive after {n} weeks of frost?
Is condensation under the roof a problem?
""",
        situations="""
It is minus {n} here, and I have not seen a single bee for weeks.
The hive weighs {kg} kilos without the roof, which seems little to me.
There is water under the cover, and mould on the outer combs.
On the first warm day in {month} they threw out a handful of dead bees.
""",
        asks="""
Should I do something, or leave them in peace?
Is fondant on top enough?
Do you close the mesh floor?
How do you check without opening?
""",
        advice="""
Put an ear to the wall and knock once: a short hum means that all is well.
Warm above, dry below: insulate the lid, and leave the floor open.
Fondant right over the cluster, and close the lid within a minute.
Twelve to fifteen kilos is safe in a mild place, twenty where it snows.
A handful of dead bees is house-keeping, and a carpet is trouble.
Keep the entrance free of snow, but leave ice alone.
Mice do more harm in {month} than cold, so fit a guard.
""",
        replies="""
A stethoscope works even better.
Mine hum like a fridge.
How big was the cluster in autumn?
I would not open at that temperature.
Thank you, they are alive!
""",
    ),
    topic(
        "en",
        "seasons/forage",
        "forage pollen lime-trees heather ivy gardens",
        titles="""
What to sow for bees in {month}?
Which tree gives this orange pollen in {place}?
Is ivy honey a problem for wintering?
Moving {n} hives to the heather
Lime trees were full of bees but gave no honey
""",
        situations="""
My bees come home with bright orange pollen, and I cannot find the plant.
I have a dry strip of {n} metres along the fence and would like to sow it.
The limes flowered for {n} days, yet the supers stayed empty.
A farmer offered me a place for {n} hives beside the heather from {month} on.
""",
        asks="""
Which plant could that be?
What would you sow that also flowers late?
Does the weather before the flow matter so much?
What must I prepare before I move them?
""",
        advice="""
Phacelia flowers six weeks after sowing and feeds everything that flies.
Limes give nectar only on warm nights after rain, whatever the flowers look like.
Look for dandelion and hazel first, they explain most of the colours in spring.
Move at night, with the entrance closed and the top open to the air.
Young queens and full boxes, or the heather will eat your colonies.
Ivy sets like stone, so leave them some syrup stores as well.
Let the clover stand for a fortnight before you mow.
""",
        replies="""
Could be asparagus, there is a lot around here.
Ask the farmer about spraying first.
Mine love the phacelia.
Do you have a photo of the pollen?
Borage was the winner in my garden.
""",
    ),
    topic(
        "en",
        "seasons/feeding",
        "feeding sugar-syrup fondant pollen-patties",
        titles="""
Syrup two to one in {month}, or thinner?
They do not take the fondant
Feeding a nucleus all summer long?
Syrup fermented in the feeder after {n} days
Are pollen patties worth it in {place}?
""",
        situations="""
I gave {kg} kilos of sugar as syrup, and they stopped in the middle of {month}.
The fondant lies above the cluster, and they walk around it.
The feeder smelled of beer after {n} warm days.
My nucleus draws comb only while I feed it.
""",
        asks="""
Is it too cold for syrup already?
Shall I change the mixture?
Is that syrup dangerous for them?
When do you stop?
""",
        advice="""
Two parts of sugar to one of water in autumn, one to one in spring.
Below ten degrees they hardly touch syrup; give fondant or wet sugar instead.
Throw away what smells, wash the feeder with soda, and give less at a time.
Place it where the bees sit, not where there is room.
Stop as soon as they bring in nectar, or you will harvest sugar.
A weak colony does not need food but bees, so give it a frame of brood.
""",
        replies="""
White sugar only, please.
Add a float, mine drowned by the hundred.
They took it as soon as I made a hole.
How strong is the nucleus?
I stopped patties, they only bred more mites.
""",
    ),
    topic(
        "en",
        "meta",
        "site-feedback how-to moderation",
        titles="""
Could we have a category for urban bee-keeping?
How do I put a picture into an answer?
Why was my question about {month} hidden?
Please write your region into the question
Shall we keep a list of inspectors around {place}?
""",
        situations="""
I have been reading here for {n} weeks and like it a lot.
Questions about roof hives stand in {n} different places.
Many answers depend on the climate, and the region is often missing.
I tried to answer with my telephone and could not find the button.
""",
        asks="""
What do the others think?
Who could set this up?
Is there a rule for it?
Am I overlooking something?
""",
        advice="""
Use the tag instead, it can be followed as well.
The button with the small landscape opens the file dialogue.
A moderator can tell you the reason, and mistakes do happen.
I would put the region into the profile, there is a field for it.
Good idea, let us try it for {n} months.
""",
        replies="""
I am in favour.
Found it, thank you.
The field is called location.
Please not another category.
Done by a moderator, it seems.
""",
    ),
)
